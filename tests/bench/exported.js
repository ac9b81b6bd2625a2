// Runs what kiln_ops_tests leaves in KILN_EXPORT_FOLDER with ONNX Runtime: every FOLDER/CASE/net.onnx on CASE/NAME.in,
// against CASE/0.expected and so on. Prints each case that cannot be run or differs by more than 1e-4 of its largest
// value (at least 1), and how many agree.
//   node exported.js MODULES FOLDER
const fs = require('fs'), path = require('path');

const arrays = {float32: Float32Array, int64: BigInt64Array, int32: Int32Array, bool: Uint8Array};

function read(file, type) {
  const bytes = fs.readFileSync(file);
  return new arrays[type](bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function difference(found, expected) {
  if (found.length !== expected.length) return Infinity;
  let largest = 1, worst = 0;
  for (let i = 0; i < expected.length; ++i) {
    const here = Number(found[i]), there = Number(expected[i]);
    largest = Math.max(largest, Math.abs(there));
    worst = Math.max(worst, Math.abs(here - there));
    if (Number.isNaN(here)) return Infinity;
  }
  return worst / largest;
}

async function check(ort, folder) {
  const session = await ort.InferenceSession.create(path.join(folder, 'net.onnx'), {logSeverityLevel: 4});
  const feeds = {};
  for (const {name, type, shape} of session.inputMetadata)
    feeds[name] = new ort.Tensor(type, read(path.join(folder, name + '.in'), type), shape);
  const found = await session.run(feeds);
  let worst = 0;
  session.outputNames.forEach((name, i) => {
    worst = Math.max(worst, difference(found[name].data, read(path.join(folder, i + '.expected'), found[name].type)));
  });
  if (!(worst <= 1e-4)) throw `differs by ${worst}`;
}

async function main([modules, folder]) {
  const ort = require(path.resolve(modules, 'onnxruntime-node'));
  const cases = fs.readdirSync(folder).sort();
  let failed = 0;
  for (const name of cases)
    await check(ort, path.join(folder, name)).catch(why => { ++failed; console.log(name, String(why)); });
  console.log(`${cases.length - failed} of ${cases.length} agree`);
  process.exit(failed > 0 || cases.length === 0 ? 1 : 0);
}

main(process.argv.slice(2)).catch(e => { console.error(String(e)); process.exit(1); });
