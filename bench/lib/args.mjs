// The command line of every benchmark, by commander: `--help` lists the options, a misspelt one is refused.
import { Command, InvalidArgumentError } from "commander";

/**
 * Reads the options. The default of an option tells its type: a number, a text, a list (written a,b,c), or false for a
 * flag.
 * @template {Record<string, [fallback: number | string | string[] | false, help: string]>} T
 * @param {string} description what the program does
 * @param {T} options
 * @param {{ files?: string }} [operands] files: what the words after the options are, where any are taken
 * @returns {{ [K in keyof T]: T[K][0] extends false ? boolean : T[K][0] } & { files: string[] }}
 */
export function readOptions(description, options, { files } = {}) {
  const command = new Command().description(description);
  if (files) command.argument("[files...]", files);
  for (const [name, [fallback, help]] of Object.entries(options)) {
    if (fallback === false) command.option(`--${name}`, help);
    else command.option(`--${name} <${placeholder(fallback)}>`, help, parser(fallback), fallback);
  }
  command.parse();
  return { ...command.opts(), files: command.args };
}

function placeholder(fallback) {
  if (Array.isArray(fallback)) return "a,b";
  return typeof fallback === "number" ? "number" : "text";
}

function parser(fallback) {
  if (Array.isArray(fallback)) return (text) => text.split(",");
  return typeof fallback === "number" ? toNumber : (text) => text;
}

function toNumber(text) {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError(`expected a number, got "${text}"`);
  return value;
}
