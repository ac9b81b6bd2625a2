// Runs FOLDER/net.onnx with ONNX Runtime's CPU provider on raw float32 inputs, FOLDER/NAME.in, writes the raw outputs,
// FOLDER/NAME.out, and prints the fastest and the median time in milliseconds.
//   node onnxruntime.js MODULES THREADS SECONDS FOLDER
const fs = require('fs'), path = require('path');

async function main([modules, threads, seconds, folder]) {
  const ort = require(path.resolve(modules, 'onnxruntime-node'));
  const session = await ort.InferenceSession.create(path.join(folder, 'net.onnx'), {
    intraOpNumThreads: Number(threads), interOpNumThreads: 1, executionMode: 'sequential',
    graphOptimizationLevel: 'all'});
  const feeds = {};
  for (const {name, shape} of session.inputMetadata) {
    const bytes = fs.readFileSync(path.join(folder, name + '.in'));
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    feeds[name] = new ort.Tensor('float32', values, shape);
  }
  const first = await session.run(feeds);
  session.outputNames.forEach(name => {
    const data = first[name].data;
    fs.writeFileSync(path.join(folder, name + '.out'), Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  });
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
