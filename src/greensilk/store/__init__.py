"""The database of the platform: tables, migrations, transactions, and the vault of files.

Rows here know no rights and no rules: `workspace` asks them on behalf of somebody, `jobs` works through them.
"""
