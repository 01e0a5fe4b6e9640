// Importing the package, as a server does that renders a page, does no work and touches nothing of its host. The modules
// run here in a context whose global object writes down what is asked of it.
import { readFileSync } from "node:fs";
import { createContext, runInContext, runInNewContext, SourceTextModule } from "node:vm";
import { report } from "./report.js";

/** The global object of a context with nothing but the language, and so of no host; nothing in it can be changed. */
const language = runInNewContext("globalThis");
for (const name of Object.getOwnPropertyNames(language).filter((name) => name !== "globalThis")) {
  Object.freeze(language[name]);
  Object.freeze(language[name]?.prototype);
}
const ofHosts = ["WebAssembly", "console", "SharedArrayBuffer", "Atomics"];

const touched = new Set();
const context = createContext(
  new Proxy(
    {},
    {
      get(_, name) {
        if (name === "globalThis") return watchedGlobal;
        if (ofHosts.includes(name) || !(name in language)) touched.add(`importing reads ${String(name)}`);
        return language[name];
      },
      set: (_, name) => writes(name),
      defineProperty: (_, name) => writes(name),
      deleteProperty: (_, name) => writes(name),
    },
  ),
);

const watchedGlobal = runInContext("this", context);

report(evaluate().then(() => ({ failures: [...touched] })));

function writes(name) {
  touched.add(`importing writes ${String(name)}`);
  return true;
}

async function evaluate() {
  const modules = new Map();
  const link = (specifier, { identifier }) => open(new URL(specifier, identifier));
  const open = (url) => {
    if (!modules.has(url.href))
      modules.set(url.href, new SourceTextModule(readFileSync(url, "utf8"), { context, identifier: url.href }));
    return modules.get(url.href);
  };
  const entry = open(new URL(import.meta.resolve("striate")));
  await entry.link(link);
  await entry.evaluate();
  if (typeof entry.namespace.init !== "function") throw new Error("the package has no init");
}
