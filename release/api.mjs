// npm run api: fails where the public API is not what release/api.txt says; `npm run api -- --update` writes it there.
// One line for each function, member and type, so that a diff tells what a version number has to tell (release/semver.mjs).
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../scripts/build.mjs";
import { fail, readIfPresent, root } from "../scripts/setup.mjs";

// The compiler of this project, not the older one that attw brings along.
const ts = createRequire(join(root, "package.json"))("typescript");
const reportFile = join(dirname(fileURLToPath(import.meta.url)), "api.txt");
const { NoTruncation, UseAliasDefinedOutsideCurrentScope } = ts.TypeFormatFlags;
const FORMAT = NoTruncation | UseAliasDefinedOutsideCurrentScope;

await build(); // the types of build/*.js
const report = `${describe(entries()).join("\n")}\n`;
if (process.argv.includes("--update")) {
  writeFileSync(reportFile, report);
  console.log("api: release/api.txt written");
} else if (report !== readIfPresent(reportFile)) {
  const recorded = new Set((readIfPresent(reportFile) ?? "").split("\n"));
  const present = new Set(report.split("\n"));
  for (const line of recorded) if (!present.has(line)) console.log(`- ${line}`);
  for (const line of present) if (!recorded.has(line)) console.log(`+ ${line}`);
  fail("api: the public API changed; where that is meant, record it: npm run api -- --update");
}

/** The source of every entry of the package that has types, by its name there. */
function entries() {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return Object.entries(exports)
    .filter(([, target]) => target.types?.endsWith(".d.ts"))
    .map(([entry, { types }]) => [entry, types.replace("./dist/", "src/").replace(".d.ts", ".ts")]);
}

/** Sorted lines. */
function describe(files) {
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);
  const paths = files.map(([, file]) => join(root, file));
  const program = ts.createProgram(paths, options);
  const checker = program.getTypeChecker();
  const lines = files.flatMap(([entry], i) => {
    const prefix = entry === "." ? "" : `${entry} `;
    return describeModule(checker, checker.getSymbolAtLocation(program.getSourceFile(paths[i])), prefix);
  });
  return [...new Set(lines)].sort();
}

function describeModule(checker, module, prefix) {
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const name = `${prefix}${exported.name}`;
    if (isInternal(symbol)) return [];
    if (symbol.flags & ts.SymbolFlags.ValueModule) return describeModule(checker, symbol, `${name}.`);
    if (symbol.flags & ts.SymbolFlags.TypeAlias) return [`type ${name} = ${textOfAlias(symbol)}`];
    if (symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) return describeMembers(checker, symbol, name);
    return describeValue(checker, symbol, name);
  });
}

/** Of a class or an interface, without what it inherits from the language. */
function describeMembers(checker, symbol, name) {
  const members = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).filter(isPublic);
  return [
    `interface ${name}`,
    ...members.flatMap((member) => describeValue(checker, member, `${name}.${nameOf(member)}`)),
  ];
}

function describeValue(checker, symbol, name) {
  const [declaration] = symbol.declarations;
  const optional = symbol.flags & ts.SymbolFlags.Optional ? "?" : "";
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  const signatures = optional ? [] : checker.getSignaturesOfType(type, ts.SignatureKind.Call);
  if (signatures.length > 0 && symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Method)) {
    return signatures.map((signature) => `${name}${checker.signatureToString(signature, declaration, FORMAT)}`);
  }
  const isFixed = ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Readonly || isGetterOnly(symbol);
  return [`${isFixed ? "readonly " : ""}${name}${optional}: ${checker.typeToString(type, declaration, FORMAT)}`];
}

function isGetterOnly({ flags }) {
  return flags & ts.SymbolFlags.GetAccessor && !(flags & ts.SymbolFlags.SetAccessor);
}

function isPublic(symbol) {
  const [declaration] = symbol.declarations ?? [];
  if (declaration === undefined || declaration.getSourceFile().fileName.includes("node_modules")) return false;
  const isPrivate = declaration.name !== undefined && ts.isPrivateIdentifier(declaration.name);
  return !isPrivate && !isInternal(symbol) && !(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private);
}

function isInternal(symbol) {
  return symbol.getJsDocTags().some((tag) => tag.name === "internal");
}

/** `[dispose]` for a member that a symbol names. */
function nameOf({ name }) {
  return name.startsWith("__@") ? `[${name.slice(3).replace(/@\d+$/, "")}]` : name;
}

function textOfAlias(symbol) {
  const [{ type, typeParameters }] = symbol.declarations;
  const withoutComments = type.getText().replace(/\/\*\*.*?\*\/|\/\/.*$/gms, "");
  return (typeParameters ? "<...> " : "") + withoutComments.replace(/\s+/g, " ").trim();
}
