import { assert, test } from "../../helpers/test.js";
import type { Theme } from "../../../src/report/page/colours.js";
import { dark, light } from "../../../src/report/page/colours.js";

type Triple = [number, number, number];

function linear(hex: string): Triple {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function times(matrix: readonly Triple[], [r, g, b]: Triple): Triple {
  const row = (index: number): number => {
    const [x, y, z] = matrix[index] ?? [0, 0, 0];
    return x * r + y * g + z * b;
  };
  return [row(0), row(1), row(2)];
}

function luminance(hex: string): number {
  const [r, g, b] = linear(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast as WCAG 2 defines it. */
function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** Machado, Oliveira and Fernandes 2009, severity 1, in linear RGB. */
const sights: Record<string, Triple[]> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Oklab (Ottosson 2020), in which distances are alike to the eye. */
function oklab(rgb: Triple): Triple {
  const clamped = rgb.map((value) => Math.min(1, Math.max(0, value))) as Triple;
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    clamped,
  ).map(Math.cbrt) as Triple;
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}

function smallestDistance(colours: readonly string[], sight: readonly Triple[]): number {
  const seen = colours.map((hex) => oklab(times(sight, linear(hex))));
  let smallest = Infinity;
  seen.forEach((one, index) => {
    for (const other of seen.slice(index + 1)) {
      smallest = Math.min(
        smallest,
        Math.hypot(...one.map((value, at) => value - (other[at] ?? 0))),
      );
    }
  });
  return smallest;
}

for (const [name, theme] of Object.entries({ light, dark }) satisfies [string, Theme][]) {
  test(`${name}: text and lines stand out from the paper`, () => {
    for (const text of [theme.ink, theme.muted, theme.accent]) {
      assert.ok(contrast(text, theme.paper) >= 4.5, `${text} on ${theme.paper}`);
    }
    assert.ok(contrast(theme["notice-ink"], theme.notice) >= 4.5);
    for (const line of [...theme.series, ...theme.ramp]) {
      assert.ok(contrast(line, theme.paper) >= 3, `${line} on ${theme.paper}`);
    }
  });

  test(`${name}: the series' colours differ for every kind of sight`, () => {
    // Okabe and Ito's palette, the usual measure, reaches 0.07 for its closest pair.
    for (const [kind, sight] of Object.entries(sights)) {
      const distance = smallestDistance(theme.series, sight);
      assert.ok(distance >= 0.07, `${kind}: ${distance}`);
    }
  });
}

test.run();
