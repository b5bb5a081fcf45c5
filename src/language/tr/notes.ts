import type { Texts } from "../texts.js";
import { list, number } from "./words.js";

const FULL = "Bütün sayılarla bu sayfa 10 MB’ı aşardı";

export const notes: Texts["notes"] = {
  allInFolder: "hepsi şeklin üretildiği klasördedir",
  allIn: (files) => `hepsinin yeri: ${list(files)}`,
  notFinite: (points) =>
    `${number(points)} nokta sonlu değil (NaN ya da sonsuz) ve boşluk olarak gösterildi.`,
  notPositive: (points) =>
    `${number(points)} nokta sıfırdan büyük değil ve logaritmik eksende gösterilemez.`,
  curvesLeftOut: (kept, all, where) =>
    `${FULL}: ${number(all)} eğriden eşit aralıkla seçilen ${number(kept)} tanesi burada; ${where}.`,
  curvesNotDrawn: (drawn, all) =>
    `Bu dosyadaki ${number(all)} eğriden eşit aralıkla seçilen ${number(drawn)} tanesi çizildi; ötekiler yukarıdan seçilebilir. Ortalama ve bant hepsinindir.`,
  pointsLeftOut: (name, kept, all, where) =>
    `${FULL}: “${name}”, ${number(all)} noktasından ${number(kept)} noktaya seyreltildi; her aralığın en yüksek ve en alçak noktası korundu; ${where}.`,
  pointsNotDrawn: (name, points) =>
    `“${name}” için bu dosyada ${number(points)} nokta var. Her aralığın en yüksek ve en alçak noktası çizilir; yakınlaştırdıkça daha çoğu görünür.`,
  gridThinned: (across, along, everyAcross, everyAlong, where) =>
    `${FULL}: ${number(across)} × ${number(along)} noktadan yatayda her ${number(everyAcross)}, düşeyde her ${number(everyAlong)} noktadan biri burada; ${where}.`,
  markThinned: (name, every, points) =>
    `“${name}” çizim için seyreltildi: ${number(points)} noktasının her ${number(every)} tanesinden biri çizildi.`,
};
