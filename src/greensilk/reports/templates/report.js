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
  // What a link leads to may lie folded away.
  function unfold() {
    var part = document.getElementById(location.hash.slice(1));
    for (var one = part; one; one = one.parentElement) { if (one.tagName === "DETAILS") one.open = true; }
    if (part) part.scrollIntoView();
  }
  unfold();
  window.addEventListener("hashchange", function () { show(wanted() || first, false); unfold(); });

  var table = document.getElementById("projects");
  if (!table) return;
  var body = table.tBodies[0], most = 100, limit = most;
  var words = document.getElementById("find"), mark = document.getElementById("only");
  var more = document.getElementById("more"), shown = document.getElementById("shown");
  var packed = document.getElementById("rows");
  var items = packed ? unpacked(JSON.parse(packed.textContent)) : Array.from(body.rows).map(function (row) {
    return { row: row, text: row.textContent.toLowerCase(), mark: row.dataset.m };
  });

  // A long table comes as data; a row is made when it is first shown.
  function unpacked(data) {
    return data.rows.map(function (row) {
      var cells = [[row[0], row[1] || row[0]], data.countries[row[3]], data.types[row[4]]];
      row[5].forEach(function (kind) { cells.push(data.marks[kind]); });
      cells.push(data.open[row[6]]);
      var text = cells.map(function (cell) { return cell.slice(0, 2).join(" "); }).join(" ").toLowerCase();
      return { cells: cells, href: row[2], text: text, mark: row[5].length ? data.marks[row[5][0]][2] : "UNKNOWN" };
    });
  }
  function said(parent, cell) {
    if (cell[0] === cell[1]) { parent.append(cell[0]); return; }
    ["en", "zh"].forEach(function (lang, k) {
      var span = document.createElement("span");
      span.lang = lang;
      span.textContent = cell[k];
      parent.append(span);
    });
  }
  function made(item) {
    if (item.row) return item.row;
    item.row = document.createElement("tr");
    item.cells.forEach(function (cell, k) {
      var into = item.row.insertCell();
      if (k === 0) {
        var link = document.createElement("a");
        link.href = item.href;
        link.setAttribute("data-page", "");
        into.append(link);
        into = link;
      } else if (cell.length > 2) {
        into.className = "v";
        into.append(document.getElementById("mark-" + cell[2]).content.cloneNode(true), " ");
      }
      said(into, cell);
    });
    return item.row;
  }
  function key(item, column) {
    var lang = document.documentElement.lang;
    if (item.cells) return item.cells[column].length > 2 ? item.cells[column][3] : item.cells[column][lang === "zh" ? 1 : 0];
    var cell = item.row.cells[column], own = cell.querySelector('[lang="' + lang + '"]');
    return cell.dataset.s !== undefined ? Number(cell.dataset.s) : (own || cell).textContent.trim();
  }
  function refresh() {
    var asked = words.value.trim().toLowerCase(), only = mark.value;
    var hits = items.filter(function (item) {
      return (!asked || item.text.indexOf(asked) >= 0) && (!only || item.mark === only);
    });
    body.replaceChildren.apply(body, hits.slice(0, limit).map(made));
    more.hidden = hits.length <= limit;
    shown.textContent = Math.min(hits.length, limit) + " / " + hits.length;
    show(document.documentElement.lang, false);
  }
  table.tHead.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button) return;
    var head = button.closest("th"), column = head.cellIndex, down = head.getAttribute("aria-sort") === "ascending";
    Array.from(table.tHead.rows[0].cells).forEach(function (cell) { cell.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    var keys = new Map(items.map(function (item) { return [item, key(item, column)]; }));
    var collator = new Intl.Collator(document.documentElement.lang);
    items.sort(function (a, b) {
      var x = keys.get(a), y = keys.get(b);
      var order = typeof x === "number" ? x - y : collator.compare(x, y);
      return down ? -order : order;
    });
    limit = most;
    refresh();
  });
  words.addEventListener("input", function () { limit = most; refresh(); });
  mark.addEventListener("change", function () { limit = most; refresh(); });
  more.addEventListener("click", function () { limit += most; refresh(); });
  document.querySelectorAll(".tools").forEach(function (tools) { tools.hidden = false; });
  refresh();
})();
