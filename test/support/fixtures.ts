import { type Tensor, tensor } from "../../src/index.ts";

/** A tensor as the fixture scripts write it. */
export interface FixtureTensor {
  readonly shape: number[];
  readonly data: number[];
}

/** A fixture in torch's order of axes. */
export function nhwc({ shape: [n, c, h, w], data }: FixtureTensor): Tensor {
  const turned = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const [x, y, channel] = [i % w, Math.floor(i / w) % h, Math.floor(i / w / h) % c];
    turned[((Math.floor(i / (c * h * w)) * h + y) * w + x) * c + channel] = data[i];
  }
  return tensor(turned, [n, h, w, c]);
}
