import { number } from "./words.js";
import type { Texts } from "../texts.js";

export const page: Texts["page"] = {
  contents: "İçindekiler",
  noScript:
    "Bu raporun çizimlerini dosyanın içindeki bir betik çizer; burada betikler kapalı. Tablolar eksiksizdir.",
  dark: "Koyu",
  again: "Bu raporu yeniden üretme",
  inThisFolder: "Bu raporun bulunduğu klasörde",
  details: "Sayılar, ayarlar ve dosyalar",
  command: "Bunu yeniden üreten komut (bu raporun bulunduğu klasörde çalıştırılır)",
  files: "Dosyalar:",
  madeBy: (version) =>
    `vadi ${version} ile üretildi. Bu sayfadaki her şey bu tek dosyanın içindedir; sayfa ağa hiçbir istek göndermez.`,
  figure: (count) => `Şekil ${number(count)}.`,
  waiting: "Grafik çiziliyor.",
  legend: "Gösterge",
  oneBatch: "Tek bir yığını göster",
  allBatches: "hepsi",
  readout: "Seçilen α için kayıplar ve eğimler",
  learningRate: "öğrenme oranı η",
  curves: "Bu α değerinde her eğri",
  curve: "eğri",
  loss: "kayıp",
  slope: "eğim",
  stepOfTraining: "Eğitimin adımı",
  step: "adım",
  play: "Oynat",
  lineChart: (title, x, y, isLog, series) =>
    `Grafik: ${title}. Yatay eksen: ${x}. Düşey eksen: ${y}${isLog ? ", logaritmik" : ""}. ${number(series)} seri.`,
  surface: (title, x, y, height, isLog) =>
    `Yüzey: ${title}. Eksenler: ${x}; ${y}; yükseklik: ${height}${isLog ? ", logaritmik" : ""}.`,
  map: (title, x, y, height, isLog) =>
    `Eş yükselti eğrili harita: ${title}. Eksenler: ${x}; ${y}; renk: ${height}${isLog ? ", logaritmik" : ""}.`,
};
