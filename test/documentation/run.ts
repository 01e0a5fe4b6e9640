/** Type-checks snippets in one program, and runs each. */
import ts from "typescript";
import * as striate from "../../src/index.ts";
import * as keras from "../../src/io/keras/index.ts";
import * as onnx from "../../src/io/onnx/index.ts";
import type { Snippet } from "./snippets.ts";

const library: Readonly<Record<string, unknown>> = striate;
/** What examples import. */
const entries: Readonly<Record<string, object>> = { striate, "striate/keras": keras, "striate/onnx": onnx };
/** The value that a comment behind a statement promises: the JSON at its end. */
const PROMISE =
  /^(?:const (?<name>\w+) = .*|(?<expression>[^/].*));\s*\/\/ (?:.*-> )?(?<value>(?:[[{"-]|\d|true|false).*)$/;

/** The problems that TypeScript sees, as "file:line: message". */
export function typeErrors(snippets: readonly Snippet[]): string[] {
  const sources = new Map(
    snippets.map((snippet, i) => [`${process.cwd()}/test/documentation/snippet${i}.ts`, snippet]),
  );
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, process.cwd());
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => sources.has(name) || fileExists(name);
  host.getSourceFile = (name, ...others) => {
    const snippet = sources.get(name);
    return snippet
      ? ts.createSourceFile(name, moduleOf(snippet), ts.ScriptTarget.ES2023)
      : getSourceFile(name, ...others);
  };
  const checks = { ...options, noUnusedLocals: false, isolatedDeclarations: false, declaration: false };
  const program = ts.createProgram([...sources.keys()], checks, host);
  return [...sources].flatMap(([name, { file, line }]) => {
    const source = program.getSourceFile(name);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ start = 0, messageText }) => {
      const at = source?.getLineAndCharacterOfPosition(start).line ?? 0;
      return `${file}:${line + at}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
  });
}

/** Runs one snippet; an error names file and line. */
export async function runSnippet({ file, line, code }: Snippet): Promise<void> {
  const lines = code.split("\n").map((text, i) => withPromise(text, `${file}:${line + i}`));
  const { outputText } = ts.transpileModule(withoutImports(lines.join("\n")), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  const body = outputText.replace(/^export \{\};$/m, "");
  const names = ambientNames(body);
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  try {
    const values = names.map((name) => library[name]);
    await AsyncFunction("entries", "promised", ...names, body)(entries, promised, ...values);
  } catch (cause) {
    throw new Error(`${file}:${line}: ${(cause as Error).message}`, { cause });
  }
}

/** The import comes last, so that lines can be counted. */
function moduleOf({ code }: Snippet): string {
  return code.includes("import ") ? code : `${code}\nimport { ${ambientNames(code).join(", ")} } from "striate";`;
}

/** The names of the library, which an example may use without an import, but for those that it declares itself. */
function ambientNames(code: string): string[] {
  return Object.keys(library).filter((name) => !new RegExp(`\\bconst [^=\\n]*\\b${name}\\b`).test(code));
}

function withPromise(text: string, place: string): string {
  const { name, expression, value } = text.match(PROMISE)?.groups ?? {};
  if (value === undefined || !isJson(value)) return text;
  const wanted = `${value}, ${JSON.stringify(place)}`;
  return name === undefined ? `promised(${expression}, ${wanted});` : `${text}\npromised(${name}.shape, ${wanted});`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function promised(value: unknown, wanted: unknown, place: string): void {
  const plain = ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
  if (closeTo(plain, wanted)) return;
  throw new Error(`${place}: the comment promises ${JSON.stringify(wanted)}, got ${JSON.stringify(plain)}`);
}

/** Numbers to six digits: a comment does not tell all of them. */
function closeTo(value: unknown, wanted: unknown): boolean {
  if (typeof value === "number" && typeof wanted === "number") return Math.abs(value - wanted) <= 1e-6;
  if (!Array.isArray(value) || !Array.isArray(wanted)) return value === wanted;
  return value.length === wanted.length && value.every((part, i) => closeTo(part, wanted[i]));
}

/** `import { a } from "striate"` as `const { a } = entries["striate"]`, on as many lines. */
function withoutImports(code: string): string {
  return code.replace(/^import (\{[^}]*\}) from ("striate(?:\/\w+)?");/gm, "const $1 = entries[$2];");
}
