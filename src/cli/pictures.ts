/** PNG and JPEG files as pixels, and pixels as PNG files. */
import { decode as decodeJpeg } from "jpeg-js";
import { PNG } from "pngjs";
import type { images } from "../index.ts";
import { readBytes } from "./files.ts";
import { orientationOf, upright } from "./orientation.ts";
import { Trouble } from "./trouble.ts";

/** Red, green, blue and opacity. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A few bytes can ask for any size; this is 256 MB of pixels. */
const MOST_PIXELS = 2 ** 26;

/** Which files of a folder are pictures. */
export function isPictureName(name: string): boolean {
  return /^[^.].*\.(png|jpe?g)$/i.test(name);
}

export function readPicture(path: string): Picture {
  const bytes = readBytes(path);
  const begin = Buffer.from(bytes.subarray(0, 8)).toString("hex");
  try {
    if (begin === "89504e470d0a1a0a") return decodePng(bytes);
    if (begin.startsWith("ffd8ff")) return decodeJpegUpright(bytes);
  } catch (error) {
    const { message } = error as Error;
    throw new Trouble(`${path}: broken picture: ${/read requests/.test(message) ? "it ends too early" : message}`);
  }
  throw new Trouble(`${path}: is no PNG or JPEG`);
}

function decodePng(bytes: Uint8Array): Picture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = bytes.length < 24 ? [0, 0] : [view.getUint32(16), view.getUint32(20)];
  if (width * height > MOST_PIXELS) throw new Error(`${width}x${height} is more than ${MOST_PIXELS} pixels`);
  return PNG.sync.read(Buffer.from(bytes));
}

function decodeJpegUpright(bytes: Uint8Array): Picture {
  const limits = { maxResolutionInMP: MOST_PIXELS / 1e6, maxMemoryUsageInMB: 2048 };
  const { exifBuffer, ...picture } = decodeJpeg(bytes, { useTArray: true, ...limits }) as Picture & {
    exifBuffer?: Uint8Array;
  };
  return upright(picture, exifBuffer === undefined ? 1 : orientationOf(exifBuffer));
}

export function encodePng({ width, height, data }: images.ByteImage): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return PNG.sync.write(png);
}
