// Runs FOLDER/net.onnx with ONNX Runtime's CPU provider: see onnxruntime.hpp for what is said.
//   node onnxruntime.js FOLDER THREADS
const fs = require('fs'), path = require('path'), readline = require('readline');

const arrays = {float32: Float32Array, int64: BigInt64Array, int32: Int32Array, bool: Uint8Array};

// Bytes: VmRSS now, VmHWM at most so far.
const memory = key => 1024 * fs.readFileSync('/proc/self/status', 'utf8').match(`${key}: *\t *(\\d+)`)[1];

const answer = value => process.stdout.write(JSON.stringify(value) + '\n');

async function main(folder, threads) {
  const before = memory('VmRSS');
  const ort = require('onnxruntime-node');
  const session = await ort.InferenceSession.create(path.join(folder, 'net.onnx'), {
    intraOpNumThreads: Number(threads), interOpNumThreads: 1, executionMode: 'sequential',
    graphOptimizationLevel: 'all', executionProviders: ['cpu']});
  const feeds = {};
  session.inputMetadata.forEach(({name, type, shape}, i) => {
    const bytes = fs.readFileSync(path.join(folder, `${i}.in`));
    const values = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    feeds[name] = new ort.Tensor(type, new arrays[type](values), shape);
  });
  const outputs = await session.run(feeds);
  session.outputNames.forEach((name, i) => {
    const {buffer, byteOffset, byteLength} = outputs[name].data;
    fs.writeFileSync(path.join(folder, `${i}.out`), Buffer.from(buffer, byteOffset, byteLength));
  });
  answer({version: ort.env.versions.node, host: `Node.js ${process.versions.node}`, host_bytes: before});

  for await (const line of readline.createInterface({input: process.stdin})) {
    const wish = JSON.parse(line), times = [];
    for (let i = 0; i < wish.warmup; ++i) await session.run(feeds);
    const end = performance.now() + 1000 * wish.seconds;
    while (times.length < wish.least || performance.now() < end) {
      const start = performance.now();
      await session.run(feeds);
      times.push(performance.now() - start);
    }
    answer({milliseconds: times, peak_bytes: memory('VmHWM')});
  }
}

main(...process.argv.slice(-2)).catch(e => { console.error(String(e)); process.exit(1); });
