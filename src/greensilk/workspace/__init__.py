"""What an organisation holds, and who in it may do what: people, portfolios, uploads, ratings, documents, the audit.

Every function takes who asks (an Actor) and sees that organisation alone: what belongs to another is not there. Every
change adds to the audit in the same transaction.
"""
