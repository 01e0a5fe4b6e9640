// Digits as a small display shows them, moved about and covered with noise: data that every example makes by itself.

/** Rows and columns of an image. */
export const SIDE = 12;

/** Five columns by seven rows each. */
const FONT = [
  "01110 10001 10011 10101 11001 10001 01110",
  "00100 01100 00100 00100 00100 00100 01110",
  "01110 10001 00001 00010 00100 01000 11111",
  "11111 00010 00100 00010 00001 10001 01110",
  "00010 00110 01010 10010 11111 00010 00010",
  "11111 10000 11110 00001 00001 10001 01110",
  "00110 01000 10000 11110 10001 10001 01110",
  "11111 00001 00010 00100 01000 01000 01000",
  "01110 10001 10001 01110 10001 10001 01110",
  "01110 10001 10001 01111 00001 00010 01100",
].map((rows) => rows.split(" "));

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
export function randomFrom(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One image [SIDE,SIDE,1] of a digit, 0 is dark and 1 is bright. */
export function draw(digit, random) {
  const [top, left] = [Math.floor(random() * 6), Math.floor(random() * 8)];
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const lit = FONT[digit][Math.floor(i / SIDE) - top]?.[(i % SIDE) - left] === "1";
    return (lit ? 0.7 : 0) + 0.3 * random();
  });
}

/** Images [count,SIDE,SIDE,1] and their digits. */
export function samples(count, seed) {
  const random = randomFrom(seed);
  const images = new Float32Array(count * SIDE * SIDE);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  labels.forEach((digit, i) => images.set(draw(digit, random), i * SIDE * SIDE));
  return { images, labels };
}

/** A small convolutional network, ready to learn. */
export function network({ sequential, layers, optimizers }) {
  return sequential({ inputShape: [SIDE, SIDE, 1], seed: 1 }, [
    layers.conv2d({ filters: 16, kernelSize: 5, activation: "relu" }),
    layers.maxPool2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 32, activation: "relu" }),
    layers.dense({ units: 10, activation: "softmax" }),
  ]).compile({
    optimizer: optimizers.adam({ learningRate: 0.005 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
}

/** The digit that a model sees in an image, and how sure it is. */
export function guess(model, image) {
  const probabilities = model.predict(image);
  const [row] = probabilities.toArray();
  probabilities.dispose();
  const digit = row.indexOf(Math.max(...row));
  return { digit, probability: row[digit] };
}

/** An image as text. */
export function show(image) {
  const rows = Array.from({ length: SIDE }, (_, y) => [...image.subarray(y * SIDE, (y + 1) * SIDE)]);
  return rows.map((row) => row.map((value) => (value > 0.6 ? "##" : value > 0.2 ? ".." : "  ")).join("")).join("\n");
}
