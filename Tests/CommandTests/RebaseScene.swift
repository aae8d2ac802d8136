import Bytes
import SystemPackage
import TestSupport
import Testing

/// Two trees `old` and `new`, and in `s` a patch of every kind for the old one.
enum RebaseScene {
    /// Makes them in a new folder.
    static func make() throws -> CommandFolder {
        try CommandFolder(madeBy: script)
    }

    private static let script =
        #"""
        mkdir -p old/d s
        for f in fits moved merged both words beside upstream part conflict gone made; do seq 1 40 | sed "s/^/$f line /" > old/d/$f; done
        rm old/d/made; printf 'VERSION = 6\n' > old/Makefile
        cp -r old new
        sed -i '1i top\ntop2' new/d/moved
        sed -i 's/^merged line 20$/merged line twenty/' new/d/merged
        sed -i 's/^both line 21$/both line twenty-one/' new/d/both
        sed -i 's/^words line 22$/words Line 22/' new/d/words
        sed -i '22a beside upstream' new/d/beside
        sed -i 's/^upstream line 22$/upstream line twenty-two/' new/d/upstream
        sed -i 's/^part line 10$/part line ten/' new/d/part
        sed -i 's/^conflict line 22$/conflict line X/' new/d/conflict
        rm new/d/gone
        # $1: the file, $2: what the patch does to it.
        make() {
            cp -r old w; sed -i "$2" w/d/$1
            { printf 'From: A Person <a@example.invalid>\nSubject: change %s\n\nWhy.\n---\n d/%s | 2 +-\n\ndiff --git a/d/%s b/d/%s\n' $1 $1 $1 $1
              diff -pu --label a/d/$1 --label b/d/$1 old/d/$1 w/d/$1 || true; printf -- '-- \n2.30\n'; } > s/$1.patch
            rm -rf w
        }
        make fits 's/^fits line 22$/fits line twenty-two/'; make moved 's/^moved line 22$/moved line twenty-two/'
        make merged 's/^merged line 22$/merged line twenty-two/'; make both 's/^both line 22$/both line twenty-two/'
        make words 's/^words line 22$/words line twenty-two/'; make beside '22a beside patch'
        make upstream 's/^upstream line 22$/upstream line twenty-two/'
        make part 's/^part line 10$/part line ten/;s/^part line 30$/part line thirty/'
        make conflict 's/^conflict line 22$/conflict line twenty-two/'; make gone 's/^gone line 22$/gone line twenty-two/'
        printf -- '--- /dev/null\n+++ b/d/made\n@@ -0,0 +1 @@\n+made\n' > s/made.patch
        # A second patch on what the first one moved.
        printf 'Subject: again\n\n--- a/d/moved\n+++ b/d/moved\n@@ -20,5 +20,5 @@\n moved line 20\n moved line 21\n-moved line twenty-two\n+moved line 2+20\n moved line 23\n moved line 24\n' > s/again.patch
        """#
}

extension CommandFolder {
    /// The content of a file.
    func text(_ name: String) throws -> String {
        String(decoding: try Files.read(path.pushing(FilePath(name))), as: UTF8.self)
    }
}
