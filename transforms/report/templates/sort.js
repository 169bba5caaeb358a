"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(each => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = row => row.cells[column].dataset.v;
      const number = head.classList.contains("n");
      const compare = (a, b) => number ? Number(a) - Number(b) : a.localeCompare(b, "zh");
      const rows = [...table.tBodies[0].rows];
      const known = rows.filter(row => value(row) !== "");
      const unknown = rows.filter(row => value(row) === "");  // no data stays last, whichever way
      known.sort((a, b) => (down ? -1 : 1) * compare(value(a), value(b)));
      table.tBodies[0].append(...known, ...unknown);
    });
  });
}
