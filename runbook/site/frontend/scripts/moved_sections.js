/**
 * Sends on who follows a link to a section that has a page of its own now. Where it went stands in the page's list of moved sections;
 * steps and command blocks are not in it, and moved with their procedure, whose id theirs begin with.
 */

/**
 * @param {string} id of the section that a link names
 * @param {string[]} moved the ids in the list
 * @returns {string | undefined} the one to go to: the id itself, or the procedure of a step or block
 */
export function movedSection(id, moved) {
  for (let name = id.replace(/^step-/, ""); name; name = name.slice(0, Math.max(0, name.lastIndexOf("-"))))
    if (moved.includes(name)) return name;
  return undefined;
}

/** Replaces the address, so that the way back does not lead here again. */
export function followMovedSection() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (!id || document.getElementById(id)) return;
  const links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll(".moved a[href*='#']")]);
  const name = movedSection(
    id,
    links.map((link) => link.hash.slice(1)),
  );
  const link = links.find((it) => name && it.hash.slice(1) === name);
  if (link) location.replace(Object.assign(new URL(link.href), { hash: id }));
}
