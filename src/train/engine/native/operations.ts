import { findBackend, reshape, scalar } from "@tensorflow/tfjs-core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { Algebra } from "../../optimizers/index.js";

/** The type of an operation's attribute, by which TensorFlow picks the kernel. */
interface Attribute {
  name: string;
  type: number;
  value: number | boolean;
}

/** What this module uses of tfjs-node's backend. */
interface NodeBackend {
  binding: { TF_ATTR_TYPE: number; TF_ATTR_BOOL: number; TF_FLOAT: number; TF_INT32: number };
  executeSingleOutput(name: string, attributes: Attribute[], inputs: readonly Tensor[]): Tensor;
}

/**
 * TensorFlow's own kernels on float32 tensors, executed one by one through tfjs-node's backend. tfjs's
 * operations go by its batched product and by comparisons instead, which takes several times as
 * long. Call them within tidy: every result is a new tensor.
 */
export interface Operations extends Algebra<Tensor> {
  matMul(a: Tensor2D, b: Tensor2D, transposeA: boolean, transposeB: boolean): Tensor2D;
  /** Adds one number a column. */
  addBias(values: Tensor2D, bias: Tensor): Tensor2D;
  sumRows(values: Tensor2D): Tensor;
  relu(values: Tensor2D): Tensor2D;
  tanh(values: Tensor2D): Tensor2D;
  sigmoid(values: Tensor2D): Tensor2D;
  /** The loss's gradient before an activation, from that after it and the activation's outputs. */
  reluGradient(delta: Tensor2D, outputs: Tensor2D): Tensor2D;
  tanhGradient(delta: Tensor2D, outputs: Tensor2D): Tensor2D;
  sigmoidGradient(delta: Tensor2D, outputs: Tensor2D): Tensor2D;
}

function operand(value: Tensor | number): Tensor {
  return typeof value === "number" ? scalar(value, "float32") : value;
}

/** The operations of the tfjs-node backend that runs in this process. */
export function nodeOperations(): Operations {
  const backend = findBackend("tensorflow") as unknown as NodeBackend;
  const { binding } = backend;
  const float = { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const indices = { name: "Tidx", type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 };
  const dropped = { name: "keep_dims", type: binding.TF_ATTR_BOOL, value: false };
  const simple = [float];
  const reduction = [dropped, float, indices];
  const boolean = (name: string, value: boolean): Attribute => ({
    name,
    type: binding.TF_ATTR_BOOL,
    value,
  });
  const products = [false, true].map((a) =>
    [false, true].map((b) => [boolean("transpose_a", a), boolean("transpose_b", b), float]),
  );
  const run = (name: string, ...inputs: (Tensor | number)[]): Tensor =>
    backend.executeSingleOutput(name, simple, inputs.map(operand));
  const runMatrix = (name: string, ...inputs: Tensor[]): Tensor2D =>
    backend.executeSingleOutput(name, simple, inputs) as Tensor2D;
  const reduce = (values: Tensor, axis: number): Tensor =>
    backend.executeSingleOutput("Sum", reduction, [values, scalar(axis, "int32")]);

  return {
    add: (a, b) => run("AddV2", a, b),
    subtract: (a, b) => run("Sub", a, b),
    multiply: (a, b) => run("Mul", a, b),
    divide: (a, b) => run("RealDiv", a, b),
    minimum: (a, b) => run("Minimum", a, b),
    squareRoot: (a) => run("Sqrt", a),
    sum: (a) => reduce(reshape(a, [a.size]), 0),
    matMul: (a, b, transposeA, transposeB) =>
      backend.executeSingleOutput("MatMul", products[Number(transposeA)]![Number(transposeB)]!, [
        a,
        b,
      ]) as Tensor2D,
    addBias: (values, bias) => runMatrix("BiasAdd", values, bias),
    sumRows: (values) => reduce(values, 0),
    relu: (values) => runMatrix("Relu", values),
    tanh: (values) => runMatrix("Tanh", values),
    sigmoid: (values) => runMatrix("Sigmoid", values),
    reluGradient: (delta, outputs) => runMatrix("ReluGrad", delta, outputs),
    tanhGradient: (delta, outputs) => runMatrix("TanhGrad", outputs, delta),
    sigmoidGradient: (delta, outputs) => runMatrix("SigmoidGrad", outputs, delta),
  };
}
