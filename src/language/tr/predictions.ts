import type { Texts } from "../texts.js";
import { number, percent } from "./words.js";

export const predictions: Texts["predictions"] = {
  name: "Tahminler",
  explains: (share, target, isUnseen) =>
    `Model, ${isUnseen ? "eğitimde görmediği" : "eğitildiği"} satırlarda ${target} varyansının ${percent(share)} kadarını açıklıyor`,
  worseThanMean: (target, isUnseen) =>
    `${isUnseen ? "Modelin görmediği satırlarda" : "Eğitim satırlarında"} ${target} ortalaması, modelden daha iyi bir tahmin olurdu`,
  constant: (target) => `${target} sütununun bütün değerleri aynı`,
  caption: (drawn, rows, isUnseen) => {
    const kind = isUnseen ? "doğrulama satırı" : "eğitim satırı";
    const all = `${number(rows)} ${kind}`;
    return `Noktalar, tahminin doğru olduğu kesikli çizgiden ne kadar uzak? Çizilen: ${drawn < rows ? `${all}nın ${number(drawn)} tanesi` : all}.`;
  },
  targetAxis: (target) => `${target} (hedef)`,
  predictionAxis: (target) => `${target} tahmini`,
  validationRows: "doğrulama satırları",
  trainingRows: "eğitim satırları",
  file: "çizilen hedefler ve tahminler",
  quality: "Tahminlerin doğruluğu",
  quantity: "büyüklük",
  value: "değer",
  absoluteError: (target) => `ortalama mutlak hata, ${target} biriminde`,
  squareError: (target) => `ortalama karesel hatanın karekökü, ${target} biriminde`,
  rowsMeasured: "ölçülen satırlar",
  ofValidation: (rows, epoch) =>
    `${number(rows)} doğrulama satırı, ${number(epoch)}. epoktan sonra`,
  ofSample: (rows) => `modelin eğitildiği ${number(rows)} satır`,
  weights: "Tablonun kendi birimleriyle ağırlıklar",
  weightsCaption: (target, hasBias) =>
    `${target} ≈ Σ ağırlık · öznitelik${hasBias ? " + sapma terimi" : ""}.`,
  effectCaption:
    "Son sütun, öznitelik bir standart sapma kadar arttığında tahminin ne kadar değiştiğini gösterir.",
  weight: "ağırlık",
  effect: "ağırlık × standart sapma",
};
