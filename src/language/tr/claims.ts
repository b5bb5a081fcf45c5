import type { Texts } from "../texts.js";
import { capital, list, number, percent, short } from "./words.js";

export const claims: Texts["claims"] = {
  onePass: (optimizer, rows) =>
    `${capital(optimizer)}, ağırlıkları ${number(rows)} satırdan tek geçişte bulur`,
  diverges: (optimizer, steps) => `${capital(optimizer)} ${number(steps)} adım sonra ıraksıyor`,
  untrained: "Eğitimden önceki başlangıç ağırlıkları",
  trained: (optimizer, steps) => `${capital(optimizer)}, ${number(steps)} adım`,
  reachesFloor: (optimizer, steps) =>
    `${capital(optimizer)} ${number(steps)} adımda gürültü tabanına iniyor`,
  aboveFloor: (optimizer, steps, times) =>
    `${number(steps)} adımdan sonra ${optimizer} hâlâ gürültü tabanının ${short(times)} katında`,
  changesLoss: (optimizer, steps, from, to) =>
    `${capital(optimizer)} kaybı ${number(steps)} adımda ${short(from)} değerinden ${short(to)} değerine ${to <= from ? "indiriyor" : "çıkarıyor"}`,
  runsCompared: "Eğitimlerin karşılaştırması",
  endsLowest: (run, loss, next) =>
    `En düşük kayıpla biten eğitim: ${run} (${loss}); ondan sonraki ${next} ile bitiyor`,
  endTogether: (runs, loss) => `En düşük kayıpla bitenler: ${list(runs)}; hepsi ${loss} ile`,
  nowhereFinite: "Kayıp bu doğrunun hiçbir noktasında sonlu değil",
  fallsToEnd: "Bu doğrunun içinde en alçak nokta yok: kayıp doğrunun ucuna kadar azalıyor",
  lowestAt: (alpha) => `Kayıp en küçük değerini α = ${short(alpha)} noktasında alıyor`,
  sameLowest: (batches, alpha) =>
    `${number(batches)} yığının hepsi en alçak noktasına α = ${short(alpha)} konumunda iniyor`,
  ownFloors: (batches, apart) =>
    `Her yığının kendi vadi tabanı var: ${number(batches)} yığının en alçak noktaları arasında ${short(apart)} kadar fark var`,
  barrier: (rise) =>
    `İki model arasında kayıp ikisinin de ${short(rise)} üstüne çıkıyor: arada bir engel var`,
  aboveChord: (rise) =>
    `İki model arasında kayıp doğru parçasının ${short(rise)} kadar üstüne çıkıyor: dışbükey değil`,
  betweenModels: "İki model arasındaki kayıp",
  onlyFalls: (from, to) =>
    `Bir modelden ötekine kayıp yalnızca azalıyor (${short(from)} değerinden ${short(to)} değerine): bu doğru, dışbükey olmayanı göstermiyor`,
  aligned: (before, after) =>
    `Birimler eşleştirilince iki model arasındaki engel ${short(before)} değerinden ${short(after)} değerine iniyor`,
  alignedInVain: (before, after) =>
    `Birimleri eşleştirmek iki model arasındaki engeli alçaltmıyor: önce ${short(before)}, sonra ${short(after)}`,
  noBarrier: "İki model arasında engel yok",
  pathDown: (from, to, share) =>
    `Yol, kaybı ${short(from)} değerinden ${short(to)} değerine indiriyor; yolun bu düzlemdeki payı ${percent(share)}`,
  curvedValley: (rise) =>
    `Vadi eğri: en alçak noktalarından ikisinin tam ortasındaki nokta ${short(rise)} kadar daha yüksekte`,
  centreLowest: "Bu düzlemde, eğitilmiş ağırlıklardan daha alçak bir nokta yok",
  planeLowest: (alpha, beta) =>
    `Bu düzlemin en alçak noktası: α = ${short(alpha)}, β = ${short(beta)}`,
};
