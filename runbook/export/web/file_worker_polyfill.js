// For pages opened from a file: browsers refuse workers there, and search is a worker.
// Runs the worker's script in a hidden frame instead, which has a global scope of its own.

/** What this uses of a frame's window, and what a worker has there. @typedef {any} Scope */

class FrameWorker extends EventTarget {
  /** @type {((event: MessageEvent) => void) | null} */
  onmessage = null;
  /** What was sent before the script was there. @type {unknown[]} */
  waiting = [];
  ready = false;

  /** @param {string | URL} address */
  constructor(address) {
    super();
    this.frame = document.createElement("iframe");
    this.frame.hidden = true;
    this.frame.title = "Search";
    document.documentElement.appendChild(this.frame);
    /** @type {Scope} */
    const scope = this.frame.contentWindow;
    this.scope = scope;
    // What the script says goes to the page; what it loads is loaded in its order.
    scope.postMessage = (/** @type {unknown} */ data) => this.tell(data);
    scope.importScripts = (/** @type {string[]} */ ...sources) =>
      sources.reduce((before, source) => before.then(() => this.load(source)), Promise.resolve());
    this.load(new URL(address, location.href).href).then(() => {
      this.ready = true;
      for (const data of this.waiting.splice(0)) this.deliver(data);
    });
  }

  /**
   * @param {string} source
   * @returns {Promise<void>}
   */
  load(source) {
    return new Promise((done, failed) => {
      const script = this.scope.document.createElement("script");
      script.src = source;
      script.onload = () => done();
      script.onerror = () => failed(new Error(`cannot load ${source}`));
      this.scope.document.documentElement.appendChild(script);
    });
  }

  /** @param {unknown} data */
  tell(data) {
    const event = new MessageEvent("message", { data });
    this.dispatchEvent(event);
    this.onmessage?.(event);
  }

  /** @param {unknown} data */
  postMessage(data) {
    if (!this.ready) this.waiting.push(data);
    else this.deliver(data);
  }

  /** @param {unknown} data */
  deliver(data) {
    this.scope.dispatchEvent(new this.scope.MessageEvent("message", { data }));
  }

  terminate() {
    this.frame.remove();
  }
}

if (location.protocol === "file:") Object.assign(window, { Worker: FrameWorker });
