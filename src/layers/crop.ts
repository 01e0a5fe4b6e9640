/** Layers that cut a rectangle of a given size out of images: out of the middle, or in training anywhere. */
import {
  type Affine,
  backwardAffineTransform,
  forwardAffineTransform,
  inferAffineTransform,
} from "../ops/affineTransform.ts";
import { inferPad } from "../ops/pad.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { inferResize } from "../ops/resize.ts";
import { imageShape, likeImage, type Shape, whole } from "../tensor/shape.ts";
import { checkLayerOptions, Layer, type LayerOptions, type SampleRank } from "./layer.ts";
import { planPad } from "./padding.ts";
import { type Draw, type Drawing, drawEach, RandomLayer } from "./random.ts";
import { planResize } from "./resizing.ts";

/** What `centerCrop` and `randomCrop` take. */
export interface CropOptions extends LayerOptions {
  /** Rows of the result. */
  height: number;
  /** Columns of the result. */
  width: number;
}

/** Throws ArgumentError unless both sides are whole numbers >= 1. */
function checkCrop(maker: string, options: CropOptions): void {
  checkLayerOptions(maker, options, { height: true, width: true });
  whole(maker, "height", options.height);
  whole(maker, "width", options.width);
}

function croppedShape(op: string, x: Shape, { height, width }: CropOptions): Shape {
  const [n, , , c] = imageShape(op, "x", x);
  return likeImage(x, n, height, width, c);
}

/** Is the image as large as the rectangle, or larger? */
function fits(x: Shape, { height, width }: CropOptions): boolean {
  const [, h, w] = imageShape("crop", "x", x);
  return h >= height && w >= width;
}

/** Adds the middle ch x cw pixels of x, resized where that is another size. */
function planMiddle(planner: Planner, name: string, x: Slot, ch: number, cw: number, to: CropOptions): Slot {
  const [, h, w] = imageShape(name, "x", x.shape);
  const [top, left] = [Math.floor((h - ch) / 2), Math.floor((w - cw) / 2)];
  const sides = [-top, ch + top - h, -left, cw + left - w] as const;
  const middle = ch === h && cw === w ? x : planPad(planner, x, inferPad(name, x.shape, sides));
  if (ch === to.height && cw === to.width) return middle;
  return planResize(planner, middle, inferResize(name, middle.shape, [to.height, to.width]));
}

/** Adds the largest part of x that has the form of the rectangle, resized to it (Keras image.smart_resize). */
function planLargest(planner: Planner, name: string, x: Slot, to: CropOptions): Slot {
  const [, h, w] = imageShape(name, "x", x.shape);
  const ch = Math.max(1, Math.min(h, Math.floor((w * to.height) / to.width)));
  const cw = Math.max(1, Math.min(w, Math.floor((h * to.width) / to.height)));
  return planMiddle(planner, name, x, ch, cw, to);
}

export class CenterCrop extends Layer<CropOptions> {
  readonly className = "CenterCrop";

  constructor(options: CropOptions) {
    super(options);
    checkCrop("centerCrop", options);
  }

  protected override get sampleRank(): SampleRank {
    return 3;
  }

  protected infer(input: Shape): Shape {
    return croppedShape(this.name, input, this.options);
  }

  plan(planner: Planner, x: Slot): Slot {
    const { height, width } = this.options;
    if (fits(x.shape, this.options)) return planMiddle(planner, this.name, x, height, width, this.options);
    return planLargest(planner, this.name, x, this.options);
  }
}

export class RandomCrop extends RandomLayer<CropOptions> {
  readonly className = "RandomCrop";

  constructor(options: CropOptions) {
    super(options);
    checkCrop("randomCrop", options);
  }

  protected override get sampleRank(): SampleRank {
    return 3;
  }

  protected override infer(input: Shape): Shape {
    return croppedShape(this.name, input, this.options);
  }

  override plan(planner: Planner, x: Slot): Slot {
    return fits(x.shape, this.options) ? super.plan(planner, x) : this.still(planner, x);
  }

  protected override still(planner: Planner, x: Slot): Slot {
    return planLargest(planner, this.name, x, this.options);
  }

  protected draw({ kernels }: Planner, x: Shape): Drawing {
    const { height, width } = this.options;
    const plan = inferAffineTransform(this.name, x, { size: [height, width], interpolation: "nearest" });
    const [h, w] = plan.sizes;
    const transforms = (draw: Draw) =>
      drawEach(plan.n, draw, (random): Affine => {
        const [top, left] = [random.integer(h - height + 1), random.integer(w - width + 1)];
        return [1, 0, left, 0, 1, top];
      });
    return {
      output: plan.output,
      forward: (at, draw) => forwardAffineTransform(kernels, at, plan, transforms(draw)),
      backward: (at, draw) => backwardAffineTransform(kernels, at, plan, transforms(draw)),
    };
  }
}

/**
 * The middle height x width pixels of images; of smaller ones, the largest part of that form, resized (Keras CenterCrop).
 *
 * @example
 * layers.centerCrop({ height: 224, width: 224 })(input({ shape: [256, 320, 3] })).shape; // [224,224,3]
 */
export function centerCrop(options: CropOptions): Layer {
  return new CenterCrop(options);
}

/**
 * height x width pixels of each image, in training from another place at every step; otherwise, and of smaller images, the
 * largest part of that form, resized (Keras RandomCrop).
 *
 * @example
 * layers.randomCrop({ height: 24, width: 24 })(input({ shape: [28, 28, 1] })).shape; // [24,24,1]
 */
export function randomCrop(options: CropOptions): Layer {
  return new RandomCrop(options);
}
