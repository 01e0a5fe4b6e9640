// Finds the browsers that tests run in; on Debian, as root, installs them.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** variable: names the executable, if set; names: on the path; places: elsewhere; packages: of Debian. */
const browsers = {
  chromium: {
    variable: "CHROMIUM_PATH",
    names: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"],
    places: [
      "/snap/bin/chromium",
      "/opt/google/chrome/chrome",
      "/Applications/Chromium.app/Contents/MacOS/Chromium",
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
      "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
      "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
    ],
    packages: ["chromium"],
  },
  firefox: {
    variable: "FIREFOX_PATH",
    names: ["firefox-esr", "firefox"],
    places: ["/Applications/Firefox.app/Contents/MacOS/firefox"],
    packages: ["firefox-esr"],
  },
  webkit: {
    variable: "WEBKIT_PATH",
    names: ["MiniBrowser"],
    places: ["x86_64", "aarch64"].map((cpu) => `/usr/lib/${cpu}-linux-gnu/webkit2gtk-4.1/MiniBrowser`),
    packages: ["webkit2gtk-driver"],
  },
  // A display for WebKit's browser, which has no mode without one.
  display: { variable: "XVFB_PATH", names: ["Xvfb"], places: [], packages: ["xvfb"] },
};

export function howToInstall(name) {
  const { variable, packages } = browsers[name];
  const path = process.env[variable];
  if (path) return `${variable} names ${path}, which does not exist`;
  const elsewhere = name === "chromium" ? ", elsewhere: npx playwright install chromium" : "";
  return `${name}: not found; install it (Debian: apt-get install ${packages.join(" ")}${elsewhere}) or set ${variable}`;
}

/** @returns {Promise<string | undefined>} the path of an executable */
export async function findBrowser(name) {
  const { variable, names, places } = browsers[name];
  if (process.env[variable]) return existing([process.env[variable]]);
  const folders = ["/usr/bin", ...(process.env.PATH ?? "").split(delimiter)];
  const onPath = folders.flatMap((folder) => names.map((file) => join(folder, file)));
  return existing([...onPath, ...places]) ?? (name === "chromium" ? existing([await playwrightChromium()]) : undefined);
}

export async function findOrInstallBrowser(name) {
  return (await findBrowser(name)) ?? (installWithApt(browsers[name]) ? findBrowser(name) : undefined);
}

async function playwrightChromium() {
  const { chromium } = await import("playwright");
  return chromium.executablePath();
}

function existing(paths) {
  return paths.find((path) => path && existsSync(path));
}

function installWithApt({ variable, packages }) {
  const mayInstall = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get") && !process.env[variable];
  if (!mayInstall) return false;
  console.error(`striate: apt-get install ${packages.join(" ")}`);
  const quiet = {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    timeout: 300_000,
  };
  spawnSync("apt-get", ["update", "-qq"], quiet);
  const options = ["install", "-y", "-qq", "--no-install-recommends"];
  return spawnSync("apt-get", [...options, ...packages], quiet).status === 0;
}
