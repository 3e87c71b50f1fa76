/**
 * What somebody pastes into the search is a line of a log or a message of the monitoring, not a query: with times, hosts,
 * numbers and signs that the search takes for operators. This makes words of it, and puts the section first that is known
 * to answer it. What is known stands in the index (runbook/site/search_tags.py).
 */

/** @typedef {{ location: string, answers?: [string[], string[]] }} Entry */
/** @typedef {{ location: string, score: number }} Result */
/** @typedef {{ phrase: string, sure: boolean, location: string }} Answer */

/** What the theme and its worker send each other. */
const SETUP = 0;
const QUERY = 2;
const RESULT = 3;

const MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec";

/** What says nothing about what went wrong. */
const NOISE = [
  // A time as ISO and as syslog write it, in the latter with host and unit; a time of day.
  /\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?([.,]\d+)?(Z|[+-]\d\d:?\d\d)?)?/g,
  new RegExp(String.raw`\b(${MONTHS}) +\d{1,2} \d\d:\d\d:\d\d( \S+ \S+\[\d+\]:)?`, "g"),
  /\b\d{1,2}:\d\d(:\d\d)?([.,]\d+)?\b/g,
  // A unit with its process, an address, an id.
  /\S+\[\d+\]:?/g,
  /\bhttps?:\/\/\S+/g,
  /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(0x)?[0-9a-f]{12,}\b/gi,
  // The keys of JSON and of key=value.
  /"[\w.@-]+" *: */g,
  /\b[\w.]+=/g,
];
const MOST_WORDS = 16;

/**
 * A text as it is compared: small letters and digits, one space for all that stands between.
 * @param {string} text
 */
export const lettersAndDigits = (text) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();

/**
 * What is left of a line when times, numbers and signs are gone, as words that the search understands.
 * @param {string} text
 */
export function wordsOf(text) {
  const plain = NOISE.reduce((left, noise) => left.replace(noise, " "), text);
  const words = plain
    .split(/[^\p{L}\p{N}.'_-]+/u)
    .map((word) => word.replace(/^[.'_-]+|[.'_-]+$/g, ""))
    .filter((word) => word.length > 1 && !/^\d{5,}$/.test(word));
  return [...new Set(words)].slice(0, MOST_WORDS).join(" ");
}

/**
 * @param {Entry[]} entries
 * @returns {Answer[]} the most certain first: what this system prints, then the longest
 */
export const known = (entries) =>
  entries
    .flatMap(({ location, answers = [[], []] }) =>
      answers.flatMap((phrases, i) => phrases.map((phrase) => ({ phrase, sure: i === 0, location }))),
    )
    .sort((a, b) => Number(b.sure) - Number(a.sure) || b.phrase.length - a.phrase.length);

/**
 * The answers whose phrase stands in a text, whole, and is no part of a longer one that stands there, too.
 * @param {string} text
 * @param {Answer[]} answers
 */
export function answersTo(text, answers) {
  const plain = ` ${lettersAndDigits(text)} `;
  const found = answers.filter(({ phrase }) => plain.includes(` ${phrase} `));
  return found.filter(
    ({ phrase }) => !found.some((it) => it.phrase !== phrase && ` ${it.phrase} `.includes(` ${phrase} `)),
  );
}

/**
 * Puts the pages of the answers in front, and in each page the section.
 * @param {Result[][]} pages what was found, by page
 * @param {Answer[]} answers the first one first
 */
export function putFirst(pages, answers) {
  const places = answers.map(({ location }) => location);
  const rank = (/** @type {Result} */ { location }) =>
    places.includes(location) ? places.indexOf(location) : places.length;
  const best = (/** @type {Result[]} */ page) => Math.min(...page.map(rank));
  pages.sort((a, b) => best(a) - best(b));
  for (const page of pages) page.sort((a, b) => rank(a) - rank(b));
}

/** To be called before the theme's script runs. */
export function answerWhatIsPasted() {
  window.Worker = class extends Worker {
    /** @type {Answer[]} */
    #known = [];
    /** What answers each question that was sent and has no result yet. @type {Answer[][]} */
    #open = [];

    /**
     * @param {string | URL} address
     * @param {WorkerOptions} [options]
     */
    constructor(address, options) {
      super(address, options);
      this.addEventListener("message", ({ data }) => {
        if (data.type === RESULT) putFirst(data.data.items, this.#open.shift() ?? []);
      });
    }

    /** @param {any} message */
    postMessage(message) {
      if (message.type === SETUP) this.#known = known(message.data.docs);
      if (message.type !== QUERY) return super.postMessage(message);
      const answers = answersTo(message.data, this.#known);
      this.#open.push(answers);
      const phrases = answers.map(({ phrase }) => phrase).join(" ");
      super.postMessage({ ...message, data: wordsOf(`${phrases} ${message.data}`) });
    }
  };
}
