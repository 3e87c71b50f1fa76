// For pages opened from a file: browsers refuse workers there, and search is a worker.
// Runs the worker's script in a hidden frame instead, which has a global scope of its own.
"use strict";

if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      this.onmessage = null;
      this.waiting = [];
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "Search";
      document.documentElement.appendChild(frame);
      const scope = (this.scope = frame.contentWindow);
      // What the script says goes to the page; what it loads is loaded in its order.
      scope.postMessage = (data) => this.tell(data);
      scope.importScripts = (...sources) =>
        sources.reduce((before, source) => before.then(() => this.load(source)), Promise.resolve());
      this.load(new URL(address, location.href)).then(() => {
        this.ready = true;
        this.waiting.splice(0).forEach((data) => this.postMessage(data));
      });
    }

    load(source) {
      return new Promise((done, failed) => {
        const script = this.scope.document.createElement("script");
        script.src = source;
        script.onload = done;
        script.onerror = () => failed(new Error(`cannot load ${source}`));
        this.scope.document.documentElement.appendChild(script);
      });
    }

    tell(data) {
      const event = new MessageEvent("message", { data });
      this.dispatchEvent(event);
      if (this.onmessage) this.onmessage(event);
    }

    postMessage(data) {
      if (!this.ready) this.waiting.push(data);
      else this.scope.dispatchEvent(new this.scope.MessageEvent("message", { data }));
    }

    terminate() {
      this.scope.frameElement.remove();
    }
  };
}
