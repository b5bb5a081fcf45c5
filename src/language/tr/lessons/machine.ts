import type { Texts } from "../../texts.js";
import type { machine as english } from "../../en/lessons/machine.js";

export const machine: Pick<Texts["course"]["lessons"], keyof typeof english> = {
  "hundred-million": {
    title: "Diskten akan eğitim ve kesitler",
    question: "Belleğe sığandan daha çok satırla eğitim yapabilir miyiz?",
    method:
      "Satırlar dosyalara yazılır, parça parça geri okunur, bir pencere içinde karıştırılır ve bir epok eğitilir. Ardından kesitler yalnızca gösterdikleri yığınları okur. S bütün satırların büyüklüğü, M kullanılan bellektir.",
    look: "Eğri de çanaklar da öncekilerle aynıdır. Bellek, satır sayısıyla büyümez: verinin büyüklüğünü bütün çalıştırmanın kullandığı bellekle karşılaştırın.",
    numbers: {
      rows: "satır",
      size: "satırların bellekte tutacağı yer",
      memory: "kullanılan en çok bellek",
      rate: "eğitimde saniyede satır",
    },
    tries: [
      "On kat büyük bir öğrenme oranı: tabana tek epokta varılır.",
      "Arrow yerine Parquet dosyaları.",
    ],
  },
  optimisers: {
    title: "Düz SGD’ye karşı momentum, RMSProp ve Adam",
    question: "Gradyanın tersine atılan adımdan daha iyisi var mı?",
    method:
      "Momentum, g gradyanlarının biriken toplamını m olarak tutar ve onun boyunca yürür. RMSProp, her ağırlığın gradyanını olağan büyüklüğüne, √s’ye böler. Adam ikisini de yapar. Hepsi aynı ağırlıklarla başlar ve aynı yığınları görür.",
    look: "Eğrilerin sırasını iki modelde karşılaştırın. Bir çanakta gradyanlar adımdan adıma birbirine uyar, momentum da onları toplayıp daha uzun bir adım atar. RMSProp ve Adam, zemin ne kadar dik olursa olsun, öğrenme oranı kadar adım atar: en küçük nokta uzaktaysa bu bir eksik, katmanların dikliği farklıysa bir üstünlüktür.",
    numbers: {
      sgd: "ağ, SGD: son kayıp",
      momentum: "ağ, momentum",
      rmsprop: "ağ, RMSProp",
      adam: "ağ, Adam",
    },
    tries: [
      "Hepsi için tek öğrenme oranı: uyarlanan adımlar artık yeterince uzundur.",
      "Daha çok momentum: önce daha hızlı, sonra hedefi aşar.",
    ],
  },
  device: {
    title: "Aynı eğitim, her arka uçta",
    question: "Eğitimin hangi makinede yapıldığı fark eder mi?",
    method:
      "Doğrusal model ve sinir ağı, kurulu olan her arka uçta aynı sayıda adımla eğitilir: WebAssembly, yerel TensorFlow, GPU. Tohum, başlangıç ve yığınlar aynıdır. Süre n adımın süresidir: her adımda saniyede r hızla c işlem, bir de adımı başlatmak için t₀.",
    look: "Adımlara göre eğriler yuvarlama dışında çakışır; zamana göre çakışmaz. Küçük bir modelde adım o kadar kısadır ki onu başlatmak hesaplamaktan pahalıdır ve GPU’nun kazandıracağı az şey vardır.",
    numbers: {
      backends: "karşılaştırılan arka uç",
      automatic: "vadi’nin burada seçtiği arka uç",
      fastest: "ağ, en hızlısı: saniyede satır",
      difference: "ağ, kayıpların göreli farkı",
    },
    tries: [
      "Bin satırlık yığınlar: daha çok adım; her birini başlatmanın bedeli görünür.",
      "Yüz öznitelik: her adımda daha çok iş.",
    ],
  },
};
