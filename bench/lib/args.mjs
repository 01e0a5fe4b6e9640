/**
 * The value after `--name` on the command line, or `fallback` where the option is absent.
 * @param {string} name
 * @param {string} fallback
 */
export function option(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
}

/** The same for a number. */
export function numberOption(name, fallback) {
  const value = Number(option(name, String(fallback)));
  if (!Number.isFinite(value)) throw new Error(`--${name} takes a number`);
  return value;
}

/** The same for a comma-separated list of names. */
export function listOption(name, fallback) {
  return option(name, fallback).split(",");
}
