/** `striate convert`: any format in, safetensors of striate out. */
import { init } from "../index.ts";
import { writeBytes } from "./files.ts";
import { FORMATS, modelOf, readModelFile } from "./models.ts";
import { withNotes } from "./notes.ts";
import { bytesText, print } from "./output.ts";
import { Misuse } from "./trouble.ts";

export async function convert(from: string, to: string, options: { inputShape?: readonly number[] }): Promise<void> {
  if (!/\.safetensors$/i.test(to))
    throw new Misuse(`${to}: the name must end in .safetensors, the format that is written`);
  await init();
  const file = readModelFile(from);
  const saved = (await modelOf(file, options.inputShape)).save();
  const bytes = Object.keys(file.notes).length === 0 ? saved : withNotes(saved, file.notes);
  writeBytes(to, bytes);
  print(`${file.path} (${FORMATS[file.format]}, ${bytesText(file.bytes)}) -> ${to} (${bytesText(bytes.length)})`);
}
