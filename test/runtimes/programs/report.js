/** Gives a report to whoever started this program: a page has `sendReport`, a command has its output. */
export async function report(work) {
  const result = await work.catch((error) => ({ failures: [String(error.stack ?? error)] }));
  const send = globalThis.sendReport ?? ((value) => console.log(JSON.stringify(value)));
  send(result);
}
