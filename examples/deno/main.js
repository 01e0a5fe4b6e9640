// Learns digits in Deno, which needs no permission for it:
//
//     deno run main.js
import { init, layers, optimizers, sequential } from "striate";
import { draw, guess, network, randomFrom, samples, show } from "../shared/digits.js";

const { features } = await init();
console.log(`striate on ${features.binary}: ${features.reason}`);

const { images, labels } = samples(4000, 1);
const model = network({ sequential, layers, optimizers });
const { loss } = await model.fit(images, labels, { epochs: 6 });
console.log(`loss ${loss.map((value) => value.toFixed(3)).join(", ")}`);

const image = draw(7, randomFrom(3));
console.log(`${show(image)}\nThis is a ${guess(model, image).digit}.`);
