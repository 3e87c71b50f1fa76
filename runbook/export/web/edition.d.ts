/** The edition of which the service worker keeps a copy: offline_copy.py writes it into the line before the script. */
declare const EDITION: {
  audience: string;
  /** Another one for another content. */
  version: string;
  /** When it was made, to be read. */
  made: string;
  /** The addresses of its files, relative to the site. */
  files: string[];
};
