import type { Texts } from "../../texts.js";
import type { valley as english } from "../../en/lessons/valley.js";

export const valley: Pick<Texts["course"]["lessons"], keyof typeof english> = {
  paraboloid: {
    title: "Bir paraboloit ve ondan alınan kesit",
    question: "Vadi nedir, onu kesince ne görürüz?",
    method:
      "En basit vadiyi alalım: yükseklik iki karenin toplamıdır. Dik bir düzlem onu x + y = 0 boyunca keser; bu düzlemde y = −x olduğundan yükseklik yalnızca x’e bağlıdır.",
    look: "Bir çanağın kesiti, doğrultusu ne olursa olsun paraboldür. Bir kaybın ağırlıklar kadar çok doğrultusu vardır ve bütünü çizilemez; ama kesitleri çizilebilir. Sonraki derslerdeki bütün kesitler budur.",
    numbers: {
      points: "kesitteki nokta",
      lowest: "en küçük yükseklik",
      rim: "kenardaki yükseklik",
    },
    tries: [
      "İki ağırlıklı doğrusal bir modelin veriden ölçülen kaybı böyle bir çanaktır: en alçak noktasından bir kesit.",
      "Başka bir çanakta başka bir doğrultu: yine bir parabol, daha dik ya da daha yatık.",
    ],
  },
  walk: {
    title: "Paraboloidin üzerinde bir yürüyüş",
    question: "Vadiyi eşit adımlarla geçerken ne hissederiz?",
    method:
      "Bir köşeden karşı köşeye dümdüz, yüz eşit adımla yürünür ve her adımdaki yükseklik yazılır.",
    look: "Yükseklikler, adım numarasına göre yine bir paraboldür. Yürüyüş iner, yarı yolda en alçak noktadan geçer ve tırmanır: düz bir çizgi, geçtiği vadiden habersizdir.",
    numbers: {
      start: "başlangıçtaki yükseklik",
      lowestStep: "en alçak adım",
      lowest: "en küçük yükseklik",
      last: "son adımdaki yükseklik",
    },
    tries: [
      "Aynı yürüyüş gerçek bir kayıp üzerinde, iki rastgele nokta arasında.",
      "Başka rastgele noktalar: parabolün başka bir parçası.",
    ],
  },
  "slice-random": {
    title: "İki rastgele nokta arasında bir kesit",
    question: "Kayıp, optimumdan uzakta nasıl görünür?",
    method:
      "İki rastgele ağırlık vektörü çekilir ve birinden ötekine yürünür. Yüz noktanın her birinde bütün satırların kaybı hesaplanır.",
    look: "Burada çanak yoktur, yalnızca bir yokuş vardır: doğru, optimumun çok uzağından geçer. Çok boyutta iki rastgele noktanın arasında neredeyse hiçbir zaman en küçük nokta bulunmaz. Onu görmek için doğrunun ondan geçmesi gerekir.",
    numbers: {
      first: "ilk noktadaki kayıp",
      last: "son noktadaki kayıp",
      lowestAt: "en küçük kaybın α değeri",
      noise: "gürültünün varyansı",
    },
    tries: [
      "Başka iki nokta: başka bir yokuş.",
      "On kat uzak noktalar: eğrinin büküldüğü görülür.",
    ],
  },
  "slice-optimum": {
    title: "Optimumdan geçen bir kesit",
    question: "Kayıp, en iyi ağırlıkların çevresinde nasıl görünür?",
    method:
      "Optimum kapalı biçimle hesaplanır, rastgele bir doğrultu çekilir ve optimumun bir yanından öbür yanına yürünür.",
    look: "En alçak noktası optimumda olan bir parabol. Oradaki yüksekliği gürültünün varyansıdır; genişliği, verinin ağırlıkların bu birleşimini ne kadar keskin belirlediğini söyler.",
    numbers: {
      lowestAt: "en küçük kaybın α değeri",
      lowest: "en küçük kayıp",
      end: "doğrunun başındaki kayıp",
      noise: "gürültünün varyansı",
    },
    tries: [
      "On kat uzun bir doğrultu: aynı parabol, daha uzaktan.",
      "Yüz satır: en küçük kayıp gürültünün altına iner, çünkü ağırlıklar gürültüye de uyar.",
      "Kaybın on katına çıktığı ölçeği vadi bulsun.",
    ],
  },
  "batches-overlaid": {
    title: "Tek tek yığınların kaybı, üst üste",
    question: "Her adımda başka bir yığın gören SGD nasıl bir vadi görür?",
    method:
      "SGD ile eğitilir, sonra eğitilmiş ağırlıklardan geçen rastgele bir doğrultu boyunca yürünür. Her noktada ilk beş yığının kaybı ayrı ayrı hesaplanır.",
    look: "Neredeyse çakışan beş çanak. Tabanları biraz farklı yerlerde ve yüksekliklerdedir; SGD’yi titreten bu farklardır. Yığınlar küçüldükçe çanaklar birbirinden uzaklaşır.",
    numbers: {
      batches: "yığın",
      lowest: "en küçük ortalama kayıp",
      apart: "tabanların α farkı",
      heights: "tabanların kayıp farkı",
    },
    tries: [
      "Elli satırlık yığınlar: tabanlar dağılır.",
      "Kaybın on katına çıktığı ölçeği vadi bulsun.",
      "Beş yerine bütün yığınlar.",
    ],
  },
};
