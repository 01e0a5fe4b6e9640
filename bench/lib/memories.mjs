/** The set that every WebAssembly.Memory of the process gets into. */
export function watchMemories() {
  const { Memory, instantiate } = WebAssembly;
  const found = new Set();
  WebAssembly.Memory = new Proxy(Memory, {
    construct(target, args) {
      const memory = new target(...args);
      found.add(memory);
      return memory;
    },
  });
  WebAssembly.instantiate = async (...args) => {
    const result = await instantiate(...args);
    const { exports } = result.instance ?? result;
    for (const value of Object.values(exports)) if (value instanceof Memory) found.add(value);
    return result;
  };
  return found;
}
