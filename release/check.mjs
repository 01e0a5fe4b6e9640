// npm run release:check: what has to hold before HEAD is published. Publishes nothing.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fail, minutes, report, root, runTool } from "../scripts/setup.mjs";
import { changeBetween, mayFollow } from "./semver.mjs";
import { pack } from "./tarball.mjs";

const folder = mkdtempSync(join(tmpdir(), "striate-release-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const first = clone("first");
const { version, publishConfig, repository } = json("package.json");
const script = (name, ...args) => [join(first, name), ...args];

report("release:check", {
  "nothing uncommitted": () => check(git(root, "status", "--porcelain") === "", "commit or stash what is left"),
  "two clean clones give the same tarball": sameTarball,
  "the package (npm run check:package)": script("release/package.mjs"),
  "the size (npm run size)": script("release/size.mjs"),
  "the API (npm run api)": script("release/api.mjs"),
  "the reference (npm run docs)": script("release/docs.mjs"),
  "the versions agree": versionsAgree,
  "the version fits the API": versionFits,
  provenance: () => check(publishConfig?.provenance === true && publishConfig.access === "public", "publishConfig"),
});

/** HEAD, as someone else would get it. */
function clone(name) {
  git(folder, "clone", "--quiet", root, name);
  return join(folder, name);
}

/** Each clone installs its dependencies (`npm ci`) and builds, in a folder of its own. */
function sameTarball() {
  const digests = [first, clone("second")].map((cwd) => {
    if (!runTool(["scripts/build.mjs"], { cwd, timeout: minutes(40) })) fail("release:check: the build failed");
    const bytes = readFileSync(pack(join(cwd, "out"), cwd));
    return createHash("sha512").update(bytes).digest("hex");
  });
  console.log(digests.map((digest) => `sha512 ${digest.slice(0, 32)}...`).join("\n"));
  return check(digests[0] === digests[1], "the tarballs differ: something depends on the time or the folder");
}

function versionsAgree() {
  const dated = new RegExp(`^## \\[${version.replaceAll(".", "\\.")}\\]( - \\d{4}-\\d\\d-\\d\\d)?$`, "m");
  const heading = read("CHANGELOG.md").match(dated);
  if (heading !== null && heading[1] === undefined) console.log("CHANGELOG.md: put the date behind the version");
  if (repository === undefined) console.log("package.json: provenance needs the repository field");
  const inChangelog = check(heading !== null, `CHANGELOG.md has no heading ## [${version}]`);
  return check(json("jsr.json").version === version, "jsr.json has another version than package.json") && inChangelog;
}

/** Against the report of the last tag v*. */
function versionFits() {
  const tags = git(root, "tag", "--list", "v*", "--sort=-version:refname", "--merged", "HEAD")
    .split("\n")
    .filter(Boolean);
  const last = tags.find((tag) => tag !== `v${version}`);
  if (last === undefined) {
    console.log("no version was tagged before: nothing to compare with");
    return true;
  }
  const change = changeBetween(git(root, "show", `${last}:release/api.txt`), read("release/api.txt"));
  console.log(`${last} -> ${version}, API: ${change}`);
  return check(mayFollow(last.slice(1), version, change), "this change needs a higher version number");
}

function check(holds, message) {
  if (!holds) console.log(message);
  return holds;
}

function read(file) {
  return readFileSync(join(first, file), "utf8");
}

function json(file) {
  return JSON.parse(read(file));
}

function git(cwd, ...args) {
  const { status, stdout, stderr, error } = spawnSync("git", args, { cwd, encoding: "utf8", timeout: minutes(2) });
  if (status !== 0) fail(`git ${args.join(" ")}: ${error?.message ?? stderr}`);
  return stdout.trim();
}
