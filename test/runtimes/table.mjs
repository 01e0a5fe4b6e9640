// The results as text: for the terminal, and as the table "what works where" of README.md.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./scratch.mjs";

const readme = join(root, "README.md");
const block = /(<!-- what works where -->\n)[\s\S]*?(<!-- end -->)/;

/** @returns one function for the head, one for each line; cells: "yes", "NO" or "" by host */
export function terminal(ways, hosts) {
  const first = Math.max(...ways.map(({ name }) => name.length));
  const line = (name, cells) =>
    [name.padEnd(first), ...hosts.map((host) => (cells.get(host) ?? "").padEnd(host.name.length))].join("  ");
  return { head: line("", new Map(hosts.map((host) => [host, host.name]))), line };
}

function markdown(rows, hosts) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const body = rows.map(({ way, cells }) => line([way.name, ...hosts.map((host) => cells.get(host) ?? "")]));
  return [line(["", ...hosts.map(({ name }) => name)]), `|${"---|".repeat(hosts.length + 1)}`, ...body].join("\n");
}

/** Whether README.md says what was found; with `write`, it is made to. */
export function readmeIsTrue(rows, hosts, write) {
  const text = readFileSync(readme, "utf8");
  const found = text.replace(block, (_, begin, end) => `${begin}${markdown(rows, hosts)}\n${end}`);
  if (write) writeFileSync(readme, found);
  return block.test(text) && (write || found === text);
}
