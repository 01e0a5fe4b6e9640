/** `npm start -- predict`: what does a picture show? */
import { init } from "striate";
import { loadNetwork } from "./checkpoint.ts";
import { readBytes } from "./files.ts";
import { decodePng, prepare } from "./picture.ts";
import { beside, drawImage, drawProbabilities } from "./terminal.ts";

/** @returns the exit code */
export async function predict(modelPath: string, picturePath: string): Promise<number> {
  await init();
  const { model, classes } = loadNetwork(modelPath);
  const { pixels, steps } = prepare(decodePng(readBytes(picturePath), picturePath), picturePath);
  const probabilities = model.predict(pixels).data;
  console.log(`${picturePath}: ${steps.join("; ")}\n`);
  console.log(beside(drawImage(pixels), drawProbabilities(probabilities, classes)).join("\n"));
  return 0;
}
