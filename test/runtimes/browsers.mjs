// Browsers: each is started once with a page that asks for the next page, again and again. So no driver is needed, and a
// page is what it is for a user.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findBrowser } from "../../scripts/browsers.mjs";
import { end, start, within } from "./processes.mjs";
import { here, scratch } from "./scratch.mjs";
import { open } from "./server.mjs";

/** Shared memory is hidden from pages that are not cross-origin isolated; Debian's WebKit has none at all. */
const relaxed = { simd: true, relaxedSimd: true, sharedMemory: false, crossOriginIsolated: false, binary: "relaxed" };
const plain = { ...relaxed, relaxedSimd: false, binary: "simd" };
const isolated = { sharedMemory: true, crossOriginIsolated: true };

export const browsers = [
  browser("Chromium", chromium, relaxed, { ...relaxed, ...isolated }),
  browser("Firefox", firefox, relaxed, { ...relaxed, ...isolated }),
  browser("WebKit", webkit, plain, { ...plain, crossOriginIsolated: true }),
];

async function chromium(url, profile) {
  const flags = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
  ];
  const quiet = ["--disable-component-update", "--disable-sync", "--disable-quic"];
  return [start([await findBrowser("chromium"), ...flags, ...quiet, `--user-data-dir=${profile}`, url])];
}

async function firefox(url, profile) {
  writeFileSync(join(profile, "user.js"), readFileSync(join(here, "firefox.js")));
  const env = { ...process.env, HOME: profile };
  return [start([await findBrowser("firefox"), "--headless", "--no-remote", "--profile", profile, url], { env })];
}

/** Needs a display; Xvfb writes the number of a free one to its third stream. */
async function webkit(url, profile) {
  const display = start([await findBrowser("display"), "-displayfd", "3", "-nolisten", "tcp"], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const number = await within(20, new Promise((resolve) => display.stdio[3].once("data", resolve)), "Xvfb");
  const env = {
    ...process.env,
    HOME: profile,
    DISPLAY: `:${String(number).trim()}`,
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", // as root it cannot have one
    WEBKIT_DISABLE_COMPOSITING_MODE: "1",
    LIBGL_ALWAYS_SOFTWARE: "1",
  };
  return [start([await findBrowser("webkit"), "--private", url], { env }), display];
}

/** features: of an ordinary page; isolated: of one that is cross-origin isolated */
function browser(name, launch, features, isolated) {
  let processes = [];
  const close = () => {
    processes.forEach(end);
    processes = [];
  };
  return {
    name,
    features,
    isolated,
    close,
    async report(program) {
      const answer = open(name, { ...program, html: program.html ?? html(program) });
      if (processes.length === 0) {
        const profile = mkdtempSync(join(scratch, ".profile-"));
        processes = await launch(`${program.origin}/next/${name}`, profile);
      }
      return within(40, answer, `${name}, ${program.file}`).catch((error) => {
        close(); // a page that hangs would keep the next one waiting
        throw error;
      });
    },
  };
}

/** The page of a program: nothing but an import map, which bundlers need not have, and a way to report. */
export function html({ file, classic = false, bundled = false }) {
  const imports = { striate: "index.js", "striate/url": "url.js", "striate/core": "core.js", "striate/ops": "ops.js" };
  for (const binary of ["simd", "relaxed"]) {
    for (const file of [`${binary}.wasm`, `${binary}-extra.wasm`]) imports[`striate/${file}`] = file;
  }
  for (const name of Object.keys(imports)) imports[name] = `/node_modules/striate/dist/${imports[name]}`;
  const map = bundled ? "" : `<script type="importmap">${JSON.stringify({ imports })}</script>`;
  return `<!doctype html>
<meta charset="utf-8">
<title>striate</title>
<script>${reporter}</script>
${map}
<script ${classic ? "" : 'type="module"'} src="/${file}" onerror="failed('${file} does not load')"></script>
`;
}

/** The page of an example, which reports what it says in `report` once it says `pattern`. */
export function watched(page, pattern) {
  return `${page}
<script>${reporter}
  const looking = setInterval(() => {
    const text = document.getElementById("report").value;
    if (!new RegExp(${JSON.stringify(pattern)}).test(text)) return;
    clearInterval(looking);
    sendReport({ failures: [], text });
  }, 50);
</script>`;
}

/** Sends one report, or the error that prevents it, and goes on to the next page. */
const reporter = `
  const back = new URLSearchParams(location.search);
  globalThis.sendReport = async (report) => {
    globalThis.sendReport = () => {};
    await fetch(back.get("report"), { method: "POST", mode: "no-cors", body: JSON.stringify(report) });
    location.href = back.get("next");
  };
  const failed = (error) => sendReport({ failures: [String(error?.stack ?? error)] });
  addEventListener("error", (event) => failed(event.error ?? event.message));
  addEventListener("unhandledrejection", (event) => failed(event.reason));
`;
