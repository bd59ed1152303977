"use strict";
// Sorts a table by a column: numbers from the largest, words from the first, again to turn round. Empty cells stay last.
const lang = document.documentElement.lang;
const latin = (text) => text.replace(/[۰-۹]/g, (digit) => "۰۱۲۳۴۵۶۷۸۹".indexOf(digit)).replace("٫", ".");
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if ("fixed" in head.dataset) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const value = (row) => latin(row.cells[column].textContent.trim().replace(/^–$/, ""));
      const rows = [...body.rows].map((row) => [value(row), row]);
      const filled = rows.filter(([text]) => text !== "");
      const numeric = filled.every(([text]) => !Number.isNaN(Number(text)));
      const before = head.getAttribute("aria-sort");
      const up = before ? before === "descending" : !numeric;
      filled.sort(([a], [b]) => (numeric ? a - b : a.localeCompare(b, lang, { numeric: true })) * (up ? 1 : -1));
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      body.append(...filled.map(([, row]) => row), ...rows.filter(([text]) => text === "").map(([, row]) => row));
    });
  });
}
