/** A field above a long table: leaves the rows that hold every word that is typed. */

/**
 * @param {string} text of a row
 * @param {string} typed words, in any order
 */
export const holds = (text, typed) =>
  typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.toLowerCase().includes(word));

export function showFilters() {
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".filter[data-rows]"))) {
    const field = box.querySelector("input");
    const said = box.querySelector("output");
    if (!field || !said) continue;
    const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(box.dataset.rows ?? "")]);
    field.addEventListener("input", () => {
      for (const row of rows) row.hidden = !holds(row.textContent ?? "", field.value);
      const left = rows.filter((row) => !row.hidden).length;
      said.textContent = field.value ? `${left} of ${rows.length}` : "";
      box.closest("article")?.classList.toggle("filtered", field.value !== "");
    });
    box.hidden = false;
  }
}
