// A command for Node: learns digits into a file, and reads one with it.
//
//     node main.js train digits.safetensors
//     node main.js guess digits.safetensors 7
import { readFile, writeFile } from "node:fs/promises";
import { init, layers, loadModel, optimizers, sequential } from "striate";
import { draw, guess, network, randomFrom, samples, show } from "../shared/digits.js";

const commands = { train, guess: guessOne };
const [name, file, digit] = process.argv.slice(2);
if (!(name in commands) || file === undefined || (name === "guess" && !/^\d$/.test(digit))) {
  console.error("usage: node main.js train FILE | guess FILE DIGIT");
  process.exit(2);
}
await init();
await commands[name]();

async function train() {
  const { images, labels } = samples(4000, 1);
  const model = network({ sequential, layers, optimizers });
  await model.fit(images, labels, {
    epochs: 6,
    onEpochEnd: ({ epoch, loss, accuracy }) =>
      console.log(`epoch ${epoch + 1}  loss ${loss.toFixed(3)}  accuracy ${accuracy.toFixed(3)}`),
  });
  const unseen = samples(500, 2);
  const { accuracy } = await model.evaluate(unseen.images, unseen.labels);
  await writeFile(file, model.save());
  console.log(`${(accuracy * 100).toFixed(1)} % of 500 unseen digits are right; the network is in ${file}`);
}

async function guessOne() {
  const model = loadModel(await readFile(file), { name: file });
  const image = draw(Number(digit), randomFrom(Date.now()));
  const seen = guess(model, image);
  console.log(`${show(image)}\nThis is a ${seen.digit} (${Math.round(seen.probability * 100)} %).`);
}
