// A server of Bun: learns digits when it starts, then tells what is in the images that are posted to it.
//
//     PORT=3000 bun main.js
//     curl --data-binary @image http://127.0.0.1:3000        144 bytes, 12 rows of 12, 0 is dark and 255 bright
import { init, layers, optimizers, sequential } from "striate";
import { guess, network, SIDE, samples } from "../shared/digits.js";

await init();
const { images, labels } = samples(4000, 1);
const model = network({ sequential, layers, optimizers });
await model.fit(images, labels, { epochs: 6 });

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT ?? 3000),
  async fetch(request) {
    const pixels = new Uint8Array(await request.arrayBuffer());
    if (pixels.length !== SIDE * SIDE) return new Response(`POST ${SIDE * SIDE} bytes\n`, { status: 400 });
    return Response.json(
      guess(
        model,
        Float32Array.from(pixels, (value) => value / 255),
      ),
    );
  },
});
console.log(`listening on ${server.url}`);
