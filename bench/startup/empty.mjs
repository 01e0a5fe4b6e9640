// What Node itself takes.
console.log(performance.now(), 0);
process.exit(0);
