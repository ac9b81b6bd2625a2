// Runs an ONNX model with ONNX Runtime's CPU provider on a raw float32 input, writes the raw output, and prints the
// fastest and the median time in milliseconds.
//   node onnxruntime.js MODULES THREADS SECONDS MODEL INPUT OUTPUT
const fs = require('fs'), path = require('path');

async function main([modules, threads, seconds, model, input, output]) {
  const ort = require(path.resolve(modules, 'onnxruntime-node'));
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: Number(threads), interOpNumThreads: 1, executionMode: 'sequential',
    graphOptimizationLevel: 'all'});
  const {name, shape} = session.inputMetadata[0];
  const bytes = fs.readFileSync(input);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const feeds = {[name]: new ort.Tensor('float32', values, shape)};
  const first = Object.values(await session.run(feeds))[0].data;
  fs.writeFileSync(output, Buffer.from(first.buffer, first.byteOffset, first.byteLength));
  const times = [], end = performance.now() + 1000 * seconds;
  while (times.length < 5 || performance.now() < end) {
    const start = performance.now();
    await session.run(feeds);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  console.log(times[0], times[times.length >> 1]);
}

main(process.argv.slice(2)).catch(e => { console.error(String(e)); process.exit(1); });
