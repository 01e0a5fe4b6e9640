// A Cloudflare Worker that learns while it works: npx wrangler dev
//
//     POST /guess      an image: 144 bytes, 12 rows of 12, 0 is dark and 255 bright    -> { digit, probability, seen }
//     POST /samples    labelled images: for each a byte 0 to 9, then its 144 bytes     -> { loss, accuracy, seen }
//
// The network and the state of its optimizer live in a Durable Object, which computes one request after the other.
import { DurableObject } from "cloudflare:workers";
import { init, layers, loadModel, optimizers, sequential } from "striate";
import { guess, network, SIDE } from "../shared/digits.js";

const PIXELS = SIDE * SIDE;
const SAMPLE = 1 + PIXELS;

export default {
  fetch: (request, { CLASSIFIER }) => CLASSIFIER.get(CLASSIFIER.idFromName("digits")).fetch(request),
};

export class Classifier extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(() => this.open());
  }

  async open() {
    await init();
    const file = await this.ctx.storage.get("model");
    this.seen = (await this.ctx.storage.get("seen")) ?? 0;
    this.model = file === undefined ? network({ sequential, layers, optimizers }) : loadModel(file);
  }

  async fetch(request) {
    const bytes = new Uint8Array(await request.arrayBuffer());
    const { pathname } = new URL(request.url);
    if (request.method !== "POST") return new Response("POST /guess or /samples\n", { status: 405 });
    if (pathname === "/guess" && bytes.length === PIXELS) {
      return Response.json({ ...guess(this.model, fractions(bytes)), seen: this.seen });
    }
    if (pathname === "/samples" && areSamples(bytes)) return Response.json(await this.learn(bytes));
    const usage = `/guess takes ${PIXELS} bytes, /samples for each image a byte 0 to 9 and ${PIXELS} more\n`;
    return new Response(usage, { status: 400 });
  }

  /** One step for each batch of samples, and what came of it into storage. */
  async learn(bytes) {
    const labels = labelsOf(bytes);
    const images = fractions(bytes.filter((_, i) => i % SAMPLE > 0));
    const scores = this.model.trainOnBatch(images, labels);
    this.seen += labels.length;
    await this.ctx.storage.put({ model: this.model.save({ optimizer: true }), seen: this.seen });
    return { ...scores, seen: this.seen };
  }
}

function areSamples(bytes) {
  return bytes.length > 0 && bytes.length % SAMPLE === 0 && labelsOf(bytes).every((label) => label < 10);
}

function labelsOf(bytes) {
  return bytes.filter((_, i) => i % SAMPLE === 0);
}

function fractions(bytes) {
  return Float32Array.from(bytes, (value) => value / 255);
}
