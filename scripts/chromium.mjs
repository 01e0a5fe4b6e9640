// Finds the Chromium that the browser projects run in; on Debian, as root, installs it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const usualPlaces = [
  "/snap/bin/chromium",
  "/opt/google/chrome/chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
];

export function howToInstall() {
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH) return `CHROMIUM_PATH names ${CHROMIUM_PATH}, which does not exist`;
  return "no Chromium found; install it (Debian: apt-get install chromium, elsewhere: npx playwright install chromium) or set CHROMIUM_PATH";
}

/** @returns {Promise<string | undefined>} the path of an executable */
export async function findChromium() {
  if (process.env.CHROMIUM_PATH) return existing([process.env.CHROMIUM_PATH]);
  const folders = ["/usr/bin", ...(process.env.PATH ?? "").split(delimiter)];
  const onPath = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return existing([...onPath, ...usualPlaces]) ?? existing([await playwrightChromium()]);
}

export async function findOrInstallChromium() {
  return (await findChromium()) ?? (installWithApt() ? findChromium() : undefined);
}

async function playwrightChromium() {
  const { chromium } = await import("playwright");
  return chromium.executablePath();
}

function existing(paths) {
  return paths.find((path) => path && existsSync(path));
}

function installWithApt() {
  const mayInstall = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get") && !process.env.CHROMIUM_PATH;
  if (!mayInstall) return false;
  console.error("striate: installing Chromium (apt-get install chromium)");
  const quiet = {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  };
  spawnSync("apt-get", ["update", "-qq"], quiet);
  const options = ["install", "-y", "-qq", "--no-install-recommends"];
  return spawnSync("apt-get", [...options, "chromium"], quiet).status === 0;
}
