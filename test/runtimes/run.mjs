// npm run test:runtimes: the packed package in every runtime and bundle. Prints one table; a cell is "yes", or "NO" with what
// went wrong below. Arguments choose rows and columns by parts of their names; --write brings README.md's table up to date.
import { writePage } from "./bundlers.mjs";
import { pack } from "./scratch.mjs";
import { close, listen } from "./server.mjs";
import { readmeIsTrue, terminal } from "./table.mjs";
import { hosts, ways } from "./ways.mjs";

const words = process.argv.slice(2).filter((word) => word !== "--write");
const chosen = (list) => {
  const named = list.filter(({ name }) => words.some((word) => name.toLowerCase().includes(word.toLowerCase())));
  return named.length > 0 ? named : list;
};
const [columns, rows] = [chosen(hosts), chosen(ways)];

const problems = [];
const weights = new Map();
let passed = 0;

await pack();
writePage();
const origin = await listen();
const { head, line } = terminal(rows, columns);
console.log(`\n${head}`);
const results = [];
for (const way of rows) {
  const cells = await row(way);
  results.push({ way, cells });
  console.log(line(way.name, cells));
}
for (const host of columns) host.close?.();
close();

if (weights.size > 0) check("one seed, one set of weights", sameWeights());
if (words.length === 0) check("README.md", readmeProblems());
for (const problem of problems) console.log(`\n${problem}`);
console.log(`\n${passed} passed, ${problems.length} failed`);
process.exit(problems.length === 0 && passed > 0 ? 0 : 1);

/** One way in all of its hosts: those of a kind one after the other, since they share this machine. */
async function row(way) {
  const own = way.hosts.filter((host) => columns.includes(host));
  const cells = new Map();
  if (own.length === 0) return cells;
  const making = Promise.resolve(typeof way.program === "function" ? way.program() : way.program);
  for (const host of own) {
    const found = await cell(way, host, making);
    cells.set(host, check(`${way.name}, ${host.name}`, found) ? "yes" : "NO");
  }
  return cells;
}

/** @returns what is wrong, as lines of text */
async function cell(way, host, making) {
  try {
    const program = { ...(await making), origin };
    const report = await (way.run?.(host, program) ?? host.report(program));
    if (report.weights) weights.set(`${way.name}, ${host.name}`, report.weights);
    return way.expect(report, host);
  } catch (error) {
    return [error.stack];
  }
}

function check(name, found) {
  if (found.length === 0) passed++;
  else problems.push(`${name}\n${found.join("\n").replace(/^/gm, "  ")}`);
  return found.length === 0;
}

/** Twenty deterministic steps end in the same bits in V8, JavaScriptCore and SpiderMonkey. */
function sameWeights() {
  const digests = [...new Set(weights.values())];
  console.log(`\nweights after 20 steps with deterministic: sha256 ${digests.join(", ")} in ${weights.size} runs`);
  return digests.length === 1 ? [] : [...weights].map(([name, digest]) => `${digest} ${name}`);
}

function readmeProblems() {
  const isTrue = readmeIsTrue(results, columns, process.argv.includes("--write"));
  return isTrue ? [] : ["its table differs; npm run test:runtimes -- --write"];
}
