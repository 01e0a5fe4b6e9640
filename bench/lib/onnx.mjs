// A minimal writer of ONNX protobuf: enough to build single-node and whole-network float models by hand.
// The numbers are the field numbers of onnx.proto3.

const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 };
const IR_VERSION = 8;
const OPSET = 13;

class Message {
  chunks = [];

  varint(value) {
    let rest = BigInt(value);
    if (rest < 0n) rest += 1n << 64n;
    const bytes = [];
    do {
      let byte = Number(rest & 127n);
      rest >>= 7n;
      if (rest) byte |= 128;
      bytes.push(byte);
    } while (rest);
    this.chunks.push(Buffer.from(bytes));
    return this;
  }

  int(field, value) {
    return this.varint(field << 3).varint(value);
  }

  bytes(field, buffer) {
    this.varint((field << 3) | 2).varint(buffer.length);
    this.chunks.push(buffer);
    return this;
  }

  string(field, text) {
    return this.bytes(field, Buffer.from(text));
  }

  message(field, message) {
    return this.bytes(field, message.done());
  }

  float(field, value) {
    const buffer = Buffer.alloc(4);
    buffer.writeFloatLE(value);
    this.varint((field << 3) | 5);
    this.chunks.push(buffer);
    return this;
  }

  done() {
    return Buffer.concat(this.chunks);
  }
}

/** TensorProto; data is a Float32Array or a BigInt64Array. */
export function tensor(name, dims, data) {
  const message = new Message();
  for (const dim of dims) message.int(1, dim);
  return message
    .int(2, data instanceof BigInt64Array ? INT64 : FLOAT)
    .string(8, name)
    .bytes(9, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
}

export const i64 = (numbers) => BigInt64Array.from(numbers.map(BigInt));

/** NodeProto. */
export function node(op, inputs, outputs, attributes = {}) {
  const message = new Message();
  for (const input of inputs) message.string(1, input);
  for (const output of outputs) message.string(2, output);
  message.string(3, `${outputs[0]}_n`).string(4, op);
  for (const [name, value] of Object.entries(attributes)) message.message(5, attribute(name, value));
  return message;
}

function attribute(name, value) {
  const message = new Message().string(1, name);
  if (Array.isArray(value)) {
    for (const item of value) message.int(8, item);
    return message.int(20, ATTRIBUTE.ints);
  }
  if (typeof value === "string") return message.string(4, value).int(20, ATTRIBUTE.string);
  if (Number.isInteger(value)) return message.int(3, value).int(20, ATTRIBUTE.int);
  return message.float(2, value).int(20, ATTRIBUTE.float);
}

/** ModelProto as bytes; inputs and outputs are lists of [name, dims]. */
export function model({ nodes, inits, inputs, outputs }) {
  const graph = new Message();
  for (const item of nodes) graph.message(1, item);
  graph.string(2, "g");
  for (const item of inits) graph.message(5, item);
  for (const [name, dims] of inputs) graph.message(11, valueInfo(name, dims));
  for (const [name, dims] of outputs) graph.message(12, valueInfo(name, dims));
  const opset = new Message().string(1, "").int(2, OPSET);
  const bytes = new Message().int(1, IR_VERSION).string(2, "bench").message(7, graph).message(8, opset).done();
  return new Uint8Array(bytes);
}

function valueInfo(name, dims) {
  const shape = new Message();
  for (const dim of dims) shape.message(1, new Message().int(1, dim));
  const type = new Message().int(1, FLOAT).message(2, shape);
  return new Message().string(1, name).message(2, new Message().message(1, type));
}
