// Animals and vehicles, as Google draws them: emoji of 64 x 64 pixels, from emoji-datasource-google.
import { readFileSync } from "node:fs";
import { PNG } from "pngjs";
import { images } from "striate";

const read = (path) => readFileSync(new URL(import.meta.resolve(`emoji-datasource-google/${path}`)));

/** What the targets 0 and 1 stand for: how the names of their subcategories begin, as in "animal-bird" or "transport-air". */
export const CLASSES = ["animal", "transport"];

/** Every other picture to learn from, the rest to be judged by: x [N,size,size,3] from 0 to 1, y [N]. */
export function readPictures(size) {
  const emoji = JSON.parse(read("emoji.json")).sort((a, b) => a.sort_order - b.sort_order);
  const samples = CLASSES.flatMap((name, label) =>
    emoji
      .filter(({ subcategory, has_img_google }) => has_img_google && subcategory.startsWith(`${name}-`))
      .map(({ image }) => ({ picture: onWhite(PNG.sync.read(read(`img/google/64/${image}`))), label })),
  );
  const part = (rest) => {
    const chosen = samples.filter((_, i) => i % 2 === rest);
    return {
      x: images.fromImage(
        chosen.map(({ picture }) => picture),
        { size },
      ),
      y: Int32Array.from(chosen, ({ label }) => label),
    };
  };
  return { train: part(0), test: part(1) };
}

/** A picture that is transparent here and there, laid on white paper. */
function onWhite({ width, height, data }) {
  const mixed = data.map((value, i) => 255 + ((value - 255) * data[i | 3]) / 255);
  return { width, height, data: mixed };
}
