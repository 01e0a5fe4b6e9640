import { expect, it } from "vitest";
import { layers, sequential, textbook } from "../../src/index.ts";

const make = () =>
  sequential({ inputShape: [28, 28, 1] }, [
    layers.zeroPadding2d({ padding: 2 }),
    layers.conv2d({ filters: 8, kernelSize: 5, activation: "relu", name: "first" }),
    layers.maxPool2d(),
    layers.depthwiseConv2d({ kernelSize: 3, dilationRate: 2, trainable: false }),
    layers.batchNormalization(),
    layers.averagePool2d({ poolSize: 2, strides: 1 }),
    layers.flatten(),
    layers.dense({ units: 10, activation: "softmax" }),
  ]);

it("summary tells shapes, parameters, work, what is seen, and bytes", () => {
  using model = make();
  expect(`\n${model.summary()}`).toBe(`
layer                       output     parameters  multiply-adds  receptive field   bytes
-----------------------------------------------------------------------------------------
zeroPadding2d_1             [32,32,1]           0              0              1x1   4,096
first                       [28,28,8]         208        156,800              5x5  25,088
maxPooling2d_1              [14,14,8]           0              0              6x6   6,272
depthwiseConv2d_1 (frozen)  [10,10,8]          80          7,200            14x14   3,200
batchNormalization_1        [10,10,8]          32              0            14x14   3,200
averagePooling2d_1          [9,9,8]             0              0            16x16   2,592
flatten_1                   [648]               0              0                    2,592
dense_1                     [10]            6,490          6,480                       40
-----------------------------------------------------------------------------------------
6,810 parameters (6,714 learned), 170,480 multiply-adds a sample`);
});

it("receptive fields begin in the padding and grow by strides", () => {
  using model = make();
  expect(textbook.receptiveField(model)).toMatchObject([
    { layer: "zeroPadding2d_1", size: [1, 1], stride: [1, 1], start: [-2, -2] },
    { layer: "first", size: [5, 5], stride: [1, 1], start: [-2, -2] },
    { layer: "maxPooling2d_1", size: [6, 6], stride: [2, 2], start: [-2, -2] },
    { layer: "depthwiseConv2d_1", size: [14, 14], stride: [2, 2] },
    { layer: "batchNormalization_1", size: [14, 14], stride: [2, 2] },
    { layer: "averagePooling2d_1", size: [16, 16], stride: [2, 2] },
  ]);
});

it("a global pool sees all of the image, as dense does", () => {
  using model = sequential({ inputShape: [8, 8, 2] }, [
    layers.conv2d({ filters: 2, kernelSize: 3, strides: 2 }),
    layers.globalMaxPool2d(),
    layers.dense({ units: 1 }),
  ]);
  expect(textbook.receptiveField(model)).toHaveLength(1);
});
