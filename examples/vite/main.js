// Learns digits in the page, then guesses those that it draws. `npm install && npx vite`
import { init, layers, optimizers, sequential } from "striate";
import { draw, guess, network, randomFrom, SIDE, samples } from "../shared/digits.js";

const [report, canvas, another] = ["report", "image", "another"].map((id) => document.getElementById(id));
const random = randomFrom(Date.now());

await init();
const { images, labels } = samples(4000, 1);
const model = network({ sequential, layers, optimizers });
await model.fit(images, labels, {
  epochs: 6,
  onEpochEnd: ({ epoch, accuracy }) => {
    report.value = `epoch ${epoch + 1}: ${Math.round(accuracy * 100)} % right`;
  },
});
another.disabled = false;
another.onclick = showOne;
showOne();

function showOne() {
  const image = draw(Math.floor(random() * 10), random);
  const pixels = new ImageData(SIDE, SIDE);
  image.forEach((value, i) => pixels.data.set([255 * value, 255 * value, 255 * value, 255], 4 * i));
  canvas.width = canvas.height = SIDE;
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  const { digit, probability } = guess(model, image);
  report.value = `This is a ${digit} (${Math.round(probability * 100)} %).`;
}
