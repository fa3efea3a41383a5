"use strict";
(function () {
  var input = document.getElementById("words");
  var found = document.getElementById("found");
  var rows = document.getElementById("rows");
  var MOST = 2000;
  var marks = [];
  var at = -1;
  var waiting = 0;

  /* Letters without their accents, each as one, so that places in the text stay the same. */
  function plain(text) {
    var out = "";
    for (var i = 0; i < text.length; i++) {
      var one = text[i].normalize("NFD")[0].toLowerCase();
      out += one.length === 1 ? one : text[i];
    }
    return out;
  }

  function filter(words) {
    var parts = plain(words).split(/\s+/).filter(Boolean);
    var shown = 0;
    for (var i = 0; i < rows.children.length; i++) {
      var row = rows.children[i];
      var text = plain(row.textContent);
      row.hidden = !parts.every(function (part) { return text.indexOf(part) >= 0; });
      if (!row.hidden) { shown++; }
    }
    found.textContent = parts.length ? shown + " of " + rows.children.length : "";
  }

  function clear() {
    marks.forEach(function (mark) {
      var parent = mark.parentNode;
      parent.replaceChild(document.createTextNode(mark.textContent), mark);
      parent.normalize();
    });
    marks = [];
    at = -1;
  }

  function markIn(node, word) {
    var text = plain(node.nodeValue);
    var place = text.indexOf(word);
    while (place >= 0 && marks.length < MOST) {
      var rest = node.splitText(place);
      node = rest.splitText(word.length);
      var mark = document.createElement("mark");
      rest.parentNode.replaceChild(mark, rest);
      mark.appendChild(rest);
      marks.push(mark);
      text = plain(node.nodeValue);
      place = text.indexOf(word);
    }
  }

  function search(words) {
    clear();
    var word = plain(words.trim());
    if (word.length < 2) { found.textContent = ""; return; }
    var walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    var nodes = [];
    while (walker.nextNode()) { nodes.push(walker.currentNode); }
    nodes.forEach(function (node) {
      if (node.nodeValue.length >= word.length && marks.length < MOST) { markIn(node, word); }
    });
    found.textContent = marks.length ? "" : "none";
    go(0);
  }

  function go(to) {
    if (!marks.length) { return; }
    if (at >= 0) { marks[at].className = ""; }
    at = (to + marks.length) % marks.length;
    var mark = marks[at];
    mark.className = "now";
    for (var above = mark.parentNode; above; above = above.parentNode) {
      if (above.tagName === "DETAILS") { above.open = true; }
    }
    mark.scrollIntoView({ block: "center" });
    found.textContent = (at + 1) + " of " + marks.length + (marks.length >= MOST ? "+" : "");
  }

  function start() {
    if (rows) { filter(input.value); } else { search(input.value); }
  }

  input.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(start, 150); });
  input.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && !rows) { event.preventDefault(); go(at + (event.shiftKey ? -1 : 1)); }
  });
  document.getElementById("up").addEventListener("click", function () { go(at - 1); });
  document.getElementById("down").addEventListener("click", function () { go(at + 1); });
  document.getElementById("up").hidden = document.getElementById("down").hidden = Boolean(rows);
  document.getElementById("find").hidden = false;
})();
