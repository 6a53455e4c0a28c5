"use strict";
(function () {
  var choices = { en: document.getElementById("lang-en"), zh: document.getElementById("lang-zh") };
  function show(lang, keep) {
    if (!choices[lang]) return;
    choices[lang].checked = true;
    document.documentElement.lang = lang;
    document.title = document.documentElement.getAttribute("data-title-" + lang) || document.title;
    document.querySelectorAll("[data-ph-" + lang + "]").forEach(function (field) {
      field.placeholder = field.getAttribute("data-ph-" + lang);
    });
    document.querySelectorAll("option[data-" + lang + "]").forEach(function (option) {
      option.textContent = option.getAttribute("data-" + lang);
    });
    document.querySelectorAll("a[data-page]").forEach(function (link) {
      link.hash = "lang=" + lang;
    });
    if (keep) { try { localStorage.setItem("greensilk-lang", lang); } catch (refused) { /* a file may have no storage */ } }
  }
  function wanted() {
    var asked = /(?:^#|&)lang=(en|zh)/.exec(location.hash);
    if (asked) return asked[1];
    try { return localStorage.getItem("greensilk-lang"); } catch (refused) { return null; }
  }
  Object.keys(choices).forEach(function (lang) {
    choices[lang].addEventListener("change", function () { show(lang, true); });
  });
  var first = choices.zh.checked ? "zh" : "en";
  show(wanted() || first, false);
  window.addEventListener("hashchange", function () { show(wanted() || first, false); });

  var table = document.getElementById("projects");
  if (!table) return;
  var body = table.tBodies[0], rows = Array.from(body.rows), most = 100, limit = most;
  var words = document.getElementById("find"), mark = document.getElementById("only");
  var more = document.getElementById("more"), shown = document.getElementById("shown");
  rows.forEach(function (row) { row.dataset.t = row.textContent.toLowerCase(); });
  function refresh() {
    var asked = words.value.trim().toLowerCase(), only = mark.value, hits = 0;
    rows.forEach(function (row) {
      var fits = (!asked || row.dataset.t.indexOf(asked) >= 0) && (!only || row.dataset.m === only);
      if (fits) hits += 1;
      row.hidden = !fits || hits > limit;
    });
    more.hidden = hits <= limit;
    shown.textContent = Math.min(hits, limit) + " / " + hits;
  }
  function key(row, column) {
    var cell = row.cells[column];
    if (cell.dataset.s !== undefined) return Number(cell.dataset.s);
    var own = cell.querySelector('[lang="' + document.documentElement.lang + '"]');
    return (own || cell).textContent.trim().toLowerCase();
  }
  table.tHead.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button) return;
    var head = button.closest("th"), column = head.cellIndex, down = head.getAttribute("aria-sort") === "ascending";
    Array.from(table.tHead.rows[0].cells).forEach(function (cell) { cell.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    var keys = new Map(rows.map(function (row) { return [row, key(row, column)]; }));
    var collator = new Intl.Collator(document.documentElement.lang);
    rows.sort(function (a, b) {
      var x = keys.get(a), y = keys.get(b);
      var order = typeof x === "number" ? x - y : collator.compare(x, y);
      return down ? -order : order;
    });
    rows.forEach(function (row) { body.appendChild(row); });
    limit = most;
    refresh();
  });
  words.addEventListener("input", function () { limit = most; refresh(); });
  mark.addEventListener("change", function () { limit = most; refresh(); });
  more.addEventListener("click", function () { limit += most; refresh(); });
  document.querySelectorAll(".tools").forEach(function (tools) { tools.hidden = false; });
  refresh();
})();
