/** What may be filled into a command, and how it stands there. */

/**
 * Whether a value is wholly what a pattern of data/system.yml allows.
 *
 * @param {string} pattern
 * @param {string} value
 */
export const fits = (pattern, value) => new RegExp(`^(?:${pattern})$`, "u").test(value);

/**
 * A text as one word of the shell, whatever it holds.
 *
 * @param {string} text
 */
export const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * The line before a block, joined to it: whoever pastes it, whole or line by line, pastes one command.
 *
 * @param {[name: string, value: string][]} values
 */
export const assignments = (values) =>
  values.length ? `${values.map(([name, value]) => `${name}=${quoted(value)}`).join(" ")} &&\n` : "";

/**
 * The variables that a block reads and fails without.
 *
 * @param {string} block
 */
export const required = (block) => [
  ...new Set([...block.matchAll(/\$\{([A-Z_]+):\?/g)].map((match) => /** @type {string} */ (match[1]))),
];
