// A real photograph: people, in a window with some text, from @vladmandic/human.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import jpeg from "jpeg-js";

const file = join(import.meta.dirname, "../node_modules/@vladmandic/human/assets/screenshot-facedetect.jpg");

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const UNIT = { mean: [0, 0, 0], std: [1, 1, 1] };

/** [H,W,C] from 0 to 1 or by ImageNet's statistics, the nearest pixels of the whole picture; one channel is the mean of three. */
export function photo([height, width, channels], normalize) {
  const { mean, std } = normalize === "imagenet" ? IMAGENET : UNIT;
  const { data, ...from } = jpeg.decode(readFileSync(file));
  const image = new Float32Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * (Math.floor((y * from.height) / height) * from.width + Math.floor((x * from.width) / width));
      const rgb = [0, 1, 2].map((c) => (data[at + c] / 255 - mean[c]) / std[c]);
      const pixel = channels === 1 ? [(rgb[0] + rgb[1] + rgb[2]) / 3] : rgb;
      image.set(pixel, (y * width + x) * channels);
    }
  }
  return image;
}
